using System.Net;

namespace Lvsctl.Core.Preparation;

/// <param name="IsQuiet">A loopback device, or one without ARP: an address on it is not told to the network.</param>
public sealed record ObservedLink(string Name, bool IsUp, bool IsQuiet);

public sealed record ObservedAddress(string Device, IPAddress Address, int PrefixLength);

/// <summary>What a host shows of the things a preparation changes.</summary>
/// <param name="Sysctls">Those that were asked for and exist, by name.</param>
public sealed record ObservedHost(
    IReadOnlyList<ObservedLink> Links,
    IReadOnlyList<ObservedAddress> Addresses,
    IReadOnlyDictionary<string, string> Sysctls)
{
    public ObservedLink? Link(string device) => Links.FirstOrDefault(l => l.Name == device);

    public string? Sysctl(string name) => Sysctls.GetValueOrDefault(name);
}
