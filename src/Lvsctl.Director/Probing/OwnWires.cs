using System.Net;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Director.Probing;

/// <summary>
/// Whether a probe that heard nothing could have been heard at all: on a network card without a carrier everybody seems to be dead. Looked
/// up at most once a second, however many probes ask.
/// </summary>
sealed class OwnWires(Func<TimeSpan> now)
{
    static readonly TimeSpan s_goodFor = TimeSpan.FromSeconds(1);

    readonly Dictionary<IPAddress, string> _cut = [];
    TimeSpan? _looked;

    /// <summary>Null when the wire is as it should be, or that cannot be told.</summary>
    public string? Trouble(Probe probe)
    {
        if (_looked is not { } last || now() - last >= s_goodFor) Look();
        return _cut.Count > 0 && probe.LocalAddress is { } own && _cut.TryGetValue(own, out var device)
            ? $"the director's own {device} has no carrier: its cable, or the switch"
            : null;
    }

    void Look()
    {
        _looked = now();
        _cut.Clear();
        try
        {
            using var client = AddressClient.Open();
            var cut = client.ListLinks().Where(l => !l.HasCarrier).ToDictionary(l => l.Index, l => l.Name);
            if (cut.Count == 0) return;
            foreach (var address in client.ListAddresses())
            {
                if (cut.TryGetValue(address.LinkIndex, out var device)) _cut[address.Address] = device;
            }
        }
        catch (Exception e) when (e is NetlinkException or AddressException)
        {
            // What the probes found stands.
        }
    }
}
