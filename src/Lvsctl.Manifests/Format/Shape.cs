using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Format;

/// <summary>
/// What may stand at a place of the manifest. The same object reads it, documents it, and writes its JSON Schema, so that none of them
/// can say something else than the others.
/// </summary>
abstract class Shape
{
    /// <summary>For people: <c>duration, 10ms..1d</c>.</summary>
    public abstract string Type { get; }

    /// <summary>What it is made of, for walking down a path of keys.</summary>
    public virtual IEnumerable<Shape> Parts => [];

    /// <summary>What stands in a path for whatever leads from here to the parts: a name, or a place in a list. Null where nothing does.</summary>
    public virtual string? PathStep => null;

    public abstract JsonObject Schema(SchemaDefinitions definitions);
}

abstract class Shape<T> : Shape
{
    /// <summary>False if it is not well formed, which has been reported then.</summary>
    public abstract bool TryRead(Node node, ReadContext context, [MaybeNullWhen(false)] out T value);

    /// <summary>As it is written in a manifest.</summary>
    public virtual string Show(T value) => value?.ToString() ?? "";
}
