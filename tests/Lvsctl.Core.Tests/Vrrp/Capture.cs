namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>Ethernet frames of keepalived 2.2.7, captured between two network namespaces: SECONDS KIND HEX.</summary>
static class Capture
{
    const int EthernetHeader = 14;

    /// <summary>From the IP header on.</summary>
    public static List<byte[]> Packets(string name, string kind)
    {
        using var stream = typeof(Capture).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"no capture {name}");
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(' ')).Where(l => l[1] == kind).Select(l => Convert.FromHexString(l[2])[EthernetHeader..])];
    }
}
