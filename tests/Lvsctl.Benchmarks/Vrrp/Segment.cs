using System.Diagnostics;
using System.Net;
using Lvsctl.Linux.Addresses;

namespace Lvsctl.Benchmarks.Vrrp;

/// <summary>Makes what speaks on a host.</summary>
delegate Speaker SpeakerMaker(Space host, string folder, string name);

/// <summary>Hosts 1 and 2 share 10.1.8.100, and a client is there to see it: a network of its own.</summary>
sealed class Segment : IDisposable
{
    static readonly IPAddress s_address = IPAddress.Parse("10.1.8.100");
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    readonly Space _network = new();
    readonly Space _client = new();
    readonly Space[] _hosts = [new(), new()];
    readonly AddressClient _wires;
    readonly Link[] _ports;
    readonly AddressClient[] _cards;
    readonly Speaker[] _speakers;

    public Segment(string folder, string name, SpeakerMaker make, TimeSpan beat)
    {
        _network.Ip("link", "add", "bridge", "type", "bridge", "mcast_snooping", "0");
        _network.Ip("link", "set", "bridge", "up");
        _client.Wire(_network, "bridge", "10.1.8.9/24");
        // The kernel does not ask for itself whether a neighbour is there still: the announcement alone moves the client.
        _client.Shell("echo 3600000 > /proc/sys/net/ipv4/neigh/eth0/base_reachable_time_ms");
        string[] ports = [.. _hosts.Select((h, i) => h.Wire(_network, "bridge", $"10.1.8.{i + 1}/24"))];
        _wires = _network.Inside(AddressClient.Open);
        _ports = [.. ports.Select(_wires.GetLink)];
        _cards = [.. _hosts.Select(h => h.Inside(AddressClient.Open))];
        _speakers = [.. _hosts.Select((h, i) => make(h, folder, $"{name}-{i + 1}"))];
        Watch = new(_client);
        Echo = new(_client, s_address, beat);
    }

    public AdvertWatch Watch { get; }

    public EchoClient Echo { get; }

    public IReadOnlyList<Speaker> Speakers => _speakers;

    public string Logs => string.Join('\n', _speakers.Select(s => s.Log));

    public Speaker this[int host] => _speakers[host - 1];

    /// <summary>Host 1 is master at the end.</summary>
    public void Start(TimeSpan interval)
    {
        _speakers[0].Start();
        Watch.WaitFor(1, 0, s_patience);
        _speakers[1].Start();
        Thread.Sleep(Settled(interval));
        Calm(interval);
    }

    /// <summary>The other host of two.</summary>
    public static int Other(int host) => 3 - host;

    /// <summary>As if the host's power were gone, as far as the others can tell.</summary>
    public void Unplug(int host, bool isOut) => _wires.SetUp(_ports[host - 1], !isOut);

    public bool Has(int host) => _cards[host - 1].ListAddresses().Any(a => a.Address.Equals(s_address));

    /// <summary>A router that came back is there, and has heard the master.</summary>
    public static TimeSpan Settled(TimeSpan interval) => 2 * interval + TimeSpan.FromMilliseconds(700);

    /// <summary>Waits until one is master for a while, and has the address alone.</summary>
    /// <returns>Which host it is.</returns>
    public int Calm(TimeSpan interval)
    {
        // Both would have spoken.
        var wanted = 2 * interval + TimeSpan.FromMilliseconds(100);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var (host, since) = Watch.Master;
            if (host != 0 && Stopwatch.GetElapsedTime(since) >= wanted && Has(host) && !Has(Other(host))) return host;
            if (Stopwatch.GetElapsedTime(began) > s_patience) throw new InvalidOperationException($"no host is master for itself\n{Logs}");
            Thread.Sleep(20);
        }
    }

    public void Dispose()
    {
        foreach (var speaker in _speakers) speaker.Dispose();
        Echo.Dispose();
        Watch.Dispose();
        foreach (var card in _cards) card.Dispose();
        _wires.Dispose();
        foreach (var host in _hosts) host.Dispose();
        _client.Dispose();
        _network.Dispose();
    }
}
