using System.Globalization;
using System.Net;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;
using Lvsctl.Linux.Sockets;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Director.Probing;

/// <summary>
/// The way of the answer to a probe that was sent through a virtual address by direct routing or tunnel. It comes straight from the server,
/// with the virtual address as its sender, and looks forged to a kernel that has this address itself, or would look for it elsewhere. A
/// server is not dead because the director drops its answers, so whoever waited in vain asks here.
/// </summary>
sealed class WayBack(IPAddress virtualAddress, IPAddress server, string? device)
{
    const int Strict = 1;

    static readonly KernelSettings s_settings = new();

    /// <summary>Null where answers need nothing special: by NAT they come from the server's own address, and IPv6 knows no such check.</summary>
    public static WayBack? Of(ProbeTarget target) =>
        target is { Path: { Server: { Forward: ForwardingMethod.DirectRouting or ForwardingMethod.Tunnel } via } path } && path.Service.Family == IpFamily.IPv4
            ? new(path.Service.Address, via.Key.Address, target.Check.Source?.Interface)
            : null;

    /// <summary>What the director would have to change to hear the answer; null when nothing is in the way.</summary>
    public string? Obstacle()
    {
        try
        {
            using var client = AddressClient.Open();
            return Obstacle(client);
        }
        catch (Exception e) when (e is NetlinkException or AddressException or SysctlException)
        {
            // It cannot be told; what the probe found stands.
            return null;
        }
    }

    string? Obstacle(AddressClient client)
    {
        var addresses = client.ListAddresses();
        var links = client.ListLinks();
        // A server that is the director itself answers over loopback.
        if (HoldersOf(server).Count > 0) return null;
        // Answers are taken to come in where questions go out.
        if ((device ?? DeviceTowards(server)) is not { } from) return null;

        var holders = HoldersOf(virtualAddress);
        if (holders.Count > 0 && Setting("accept_local", from) == 0)
            return $"the director has {virtualAddress} itself, and drops answers from there: it needs net.ipv4.conf.{from}.accept_local=1";
        if (Setting("rp_filter", from) != Strict) return null;
        if (holders.Count == 0 && DeviceTowards(virtualAddress) is { } towards) holders.Add(towards);
        return holders.Count == 0 || holders.Contains(from)
            ? null
            : $"answers from {virtualAddress} come in by {from}, and the director drops them, expecting it on {holders[0]}: it needs net.ipv4.conf.{from}.rp_filter=2";

        List<string> HoldersOf(IPAddress address) => [.. addresses.Where(a => a.Address.Equals(address)).Join(links, a => a.LinkIndex, l => l.Index, (_, l) => l.Name)];

        string? DeviceTowards(IPAddress address) => SourceTowards(address, null) is { } source ? HoldersOf(source).FirstOrDefault() : null;
    }

    /// <summary>
    /// Where a probe along a path is sent from: as packets to the server are, but not from a virtual address, to which the server would answer
    /// within itself. The kernel likes a /128 best. Null where there is no route, which the probe will find out.
    /// </summary>
    /// <param name="addresses">The director's.</param>
    public static IPAddress? SourceOf(ForwardingPath path, string? through, Func<IReadOnlyList<LinkAddress>> addresses)
    {
        var server = path.Server.Key.Address;
        if (SourceTowards(server, through) is not { } chosen) return null;
        var own = addresses();
        return own.FirstOrDefault(a => a.Address.Equals(chosen)) is { } address && IsAlone(address)
            ? own.FirstOrDefault(a => a.LinkIndex == address.LinkIndex && !IsAlone(a) && IsNeighbour(a, server))?.Address ?? chosen
            : chosen;
    }

    /// <summary>None where the kernel does not tell.</summary>
    public static IReadOnlyList<LinkAddress> Addresses()
    {
        try
        {
            using var client = AddressClient.Open();
            return client.ListAddresses();
        }
        catch (Exception e) when (e is NetlinkException or AddressException)
        {
            return [];
        }
    }

    static bool IsAlone(LinkAddress address) => address.PrefixLength == address.Address.Family().AddressLength() * 8;

    static bool IsNeighbour(LinkAddress address, IPAddress other) =>
        address.Address.AddressFamily == other.AddressFamily && new IPNetwork(Start(address), address.PrefixLength).Contains(other);

    static IPAddress Start(LinkAddress address)
    {
        var bytes = address.Address.GetAddressBytes();
        for (var bit = address.PrefixLength; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> bit % 8);
        return new(bytes);
    }

    // The kernel's own choice.
    static IPAddress? SourceTowards(IPAddress address, string? through)
    {
        var to = new KernelEndpoint(address, 9);
        if (ProbeSocket.TryOpen(ProbeSocketKind.Udp, to.IsIPv6, new ProbeExit(default, through, 0), out var socket) != Errno.OK) return null;
        try
        {
            return socket.Connect(to) == Errno.OK && socket.LocalAddress(out var source) == Errno.OK ? source : null;
        }
        finally
        {
            socket.Close();
        }
    }

    // The greater of the two holds: of accept_local that is "either", of rp_filter the kernel says so.
    static int Setting(string name, string device) =>
        ((string[])["all", device]).Max(d => int.TryParse(s_settings.Read($"net.ipv4.conf.{d}.{name}"), CultureInfo.InvariantCulture, out var value) ? value : 0);
}
