using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;
using Lvsctl.Linux.Addresses;

namespace Lvsctl.Director.Vrrp;

/// <summary>One virtual router at work: its election, its wire, and what was counted.</summary>
sealed class RouterRun
{
    // Others that were heard; more on one link are somebody's attack, and cost no memory.
    const int MostPeers = 32;

    readonly AuthenticationSequence _sequence;
    readonly Dictionary<WireAddress, PeerHeard> _peers = [];

    /// <param name="now">By the clock on the wall.</param>
    public RouterRun(RouterPart part, DateTimeOffset now)
    {
        Part = part;
        _sequence = AuthenticationSequence.Begun(now);
        Rewire(null, null);
        Election = new(Settings);
        Standings = [.. part.Spec.Track.AsEnumerable().Select(t => new TrackStanding(t, null))];
        Effective = EffectivePriority.Of(part.Priority, Standings, false);
    }

    public RouterPart Part { get; private set; }

    public string Name => Part.Name;

    public Election Election { get; }

    /// <summary>Of the packets; null: it has none, and cannot speak.</summary>
    public IPAddress? Source { get; private set; }

    public Link? Link { get; private set; }

    public VrrpWire Wire { get; private set; }

    public VrrpReceiver Receiver { get; private set; }

    public VrrpTransmitter Transmitter { get; private set; }

    public ElectionSettings Settings { get; private set; }

    public RefusalLedger Ledger { get; } = new();

    public TrackStanding[] Standings { get; private set; }

    public EffectivePriority Effective { get; set; }

    /// <summary>As outputs of the election count them.</summary>
    public IReadOnlyList<OwnAddress> Addresses { get; private set; } = [];

    /// <summary>Addresses that could not be put where they belong.</summary>
    public HashSet<int> Missing { get; } = [];

    /// <summary>When to try them again.</summary>
    public TimeSpan RetryAt { get; set; } = TimeSpan.MaxValue;

    /// <summary>Null: there is no socket to speak through.</summary>
    public Port? Port { get; set; }

    /// <summary>Its interface is up and has an address to speak from.</summary>
    public bool IsReachable { get; set; }

    /// <summary>The election knows its priority.</summary>
    public bool IsWeighed { get; set; }

    /// <summary>What could not be done was told; the next success ends it.</summary>
    public string? Trouble { get; set; }

    public HashSet<WireAddress> Rivals { get; } = [];

    public RouterCounters Counters { get; } = new();

    public IReadOnlyDictionary<WireAddress, PeerHeard> Peers => _peers;

    /// <summary>Of its packets over IP.</summary>
    public byte Protocol => Wire.Protocol;

    /// <summary>Another address to speak from, or another manifest.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(Wire), nameof(Receiver), nameof(Transmitter), nameof(Settings))]
    public void Rewire(IPAddress? source, Link? link)
    {
        (Source, Link) = (source, link);
        var from = source ?? (Part.Family == IpFamily.IPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        Wire = VrrpWire.Of(Part.Spec, from, Part.Peers.Where(p => !p.Equals(source) && p.Family() == Part.Family), Part.Password);
        Receiver = new(Wire, _sequence);
        Transmitter = new(Wire, _sequence);
        Settings = ElectionSettings.Of(Part.Spec, from, Part.Priority);
        Addresses = [.. Part.Addresses.Select(a => new OwnAddress(a.Interface ?? Part.Spec.Interface, a.Address, a.PrefixLength))];
    }

    /// <returns>Indices of addresses that were not there before.</returns>
    public IReadOnlyList<int> Take(RouterPart part)
    {
        var before = Addresses.ToHashSet();
        var known = Standings.ToDictionary(s => s.Spec, s => s.IsWell);
        Part = part;
        Standings = [.. part.Spec.Track.AsEnumerable().Select(t => new TrackStanding(t, known.GetValueOrDefault(t)))];
        Rewire(Source, Link);
        return [.. Enumerable.Range(0, Addresses.Count).Where(i => !before.Contains(Addresses[i]))];
    }

    public void Heard(WireAddress peer, byte priority, TimeSpan now)
    {
        if (_peers.Count >= MostPeers && !_peers.ContainsKey(peer)) return;
        _peers[peer] = new(priority, now, _peers.TryGetValue(peer, out var before) ? before.Adverts + 1 : 1);
    }
}

/// <param name="At">When it was heard last.</param>
readonly record struct PeerHeard(byte Priority, TimeSpan At, long Adverts);

sealed class RouterCounters
{
    public long Sent { get; set; }

    public long SendFailures { get; set; }

    public long Received { get; set; }

    public long Transitions { get; set; }

    public long TimesMaster { get; set; }

    public long Announcements { get; set; }

    public long Rivals { get; set; }

    public long Late { get; set; }
}
