using System.Diagnostics.CodeAnalysis;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Format;

/// <summary>One word or line of text.</summary>
abstract class ScalarShape<T> : Shape<T>
{
    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        if (node is not ScalarNode scalar)
        {
            context.Complain(Code.WrongKind, node.Place, $"{Type} is wanted here, not {node.Kind}");
            return false;
        }
        if (scalar.IsNull)
        {
            context.Complain(Code.NothingWritten, node.Place, $"{Type} is wanted here, and nothing is written");
            return false;
        }
        if (Parse(scalar.Text, out value) is not { } problem) return value is not null;
        context.Complain(problem.Code, node.Place, problem.Text);
        return false;
    }

    /// <summary>Null if all is well.</summary>
    protected abstract Problem? Parse(string text, [MaybeNull] out T value);

    protected static string Quote(string text) => $"'{Wording.Excerpt(text)}'";
}

readonly record struct Problem(Code Code, string Text);
