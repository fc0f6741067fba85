using System.Runtime.InteropServices;
using System.Text;

namespace Lvsctl.Manifests;

/// <summary>The bytes of one manifest file, under the name that messages give it.</summary>
public sealed record ManifestSource(string Name, ReadOnlyMemory<byte> Bytes)
{
    public static ManifestSource Of(string name, string text) => new(name, Encoding.UTF8.GetBytes(text));

    internal MemoryStream Open() => MemoryMarshal.TryGetArray(Bytes, out var part)
        ? new(part.Array!, part.Offset, part.Count, writable: false)
        : new(Bytes.ToArray(), writable: false);
}
