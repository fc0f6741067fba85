using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Format;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Cluster;

/// <summary>The check of a service or server; None is 'no check', which is not the same as saying nothing.</summary>
readonly record struct ChosenCheck(CheckSpec? Check);

/// <summary>A check by its name, several of which all must hold, one written at the place, or <c>none</c>.</summary>
sealed class CheckRef : Shape<ChosenCheck>
{
    public const string None = "none";

    static readonly TextShape Name = new("name of a check", static _ => null, longest: 63);

    public static readonly ListShape<string> Names = new(Name, oneIsEnough: true, longest: 16);

    // Not an initialiser: a check's all and any are such references themselves.
    static CheckFormat? _inline;

    static CheckFormat Inline => _inline ??= new();

    public override string Type => "name of a check, list of names (all of which must hold), none, or map: a check";

    public override IEnumerable<Shape> Parts => [Inline];

    public override bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out ChosenCheck value)
    {
        value = default;
        if (node is MapNode)
        {
            if (!Inline.TryRead(node, context, out var own)) return false;
            value = new(own);
            return true;
        }
        if (node is ScalarNode { IsNull: false, Text: None }) return true;
        if (!Names.TryRead(node, context, out var names)) return false;

        var checks = context.Checks.Members(names, context);
        if (checks.Count < names.Count) return false;
        value = new(node is ScalarNode ? checks[0] : new CheckSpec(string.Join('+', names.Values()), new ProbeSpec.All(checks)));
        return true;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.AnyOf(Names.Schema(definitions), Inline.Schema(definitions));
}
