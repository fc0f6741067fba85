using System.Globalization;
using System.Net;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Vrrp;

/// <summary>An address that a virtual router puts on a device.</summary>
public readonly record struct OwnAddress(string Device, IPAddress Address, int PrefixLength)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{PrefixLength}");
}

/// <summary>
/// The addresses that this process may have put anywhere, on disk before it does: whoever comes after it, even with another manifest, takes
/// away what a process that died as master left behind. Written when the routers begin and never in a failover. A list of before the host was
/// started is of no use: what it says went with the old kernel, and what has such an address now is somebody else's.
/// </summary>
/// <param name="boot">Of the kernel that runs (random/boot_id); empty: not known.</param>
sealed class AddressList(string path, string boot)
{
    const string Boot = "boot ";
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Lines that are none are passed over; no file is an empty list.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public IReadOnlyList<OwnAddress> Read()
    {
        if (!File.Exists(path)) return [];
        var lines = File.ReadAllLines(path);
        return lines is [var first, ..] && first.StartsWith(Boot, StringComparison.Ordinal) && first[Boot.Length..] != boot ? [] : [.. lines.Select(Parse).OfType<OwnAddress>()];
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(IReadOnlyCollection<OwnAddress> addresses)
    {
        AtomicFile.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, Mode, stream =>
        {
            using var text = new StreamWriter(stream, leaveOpen: true);
            text.Write($"{Boot}{boot}\n");
            foreach (var address in addresses) text.Write($"{address} {address.Device}\n");
        });
    }

    static OwnAddress? Parse(string line) =>
        line.Split(' ', 2) is [var network, { Length: > 0 } device] && network.Split('/') is [var text, var prefix]
        && IPAddress.TryParse(text, out var address) && int.TryParse(prefix, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? new(device, address, length) : null;
}
