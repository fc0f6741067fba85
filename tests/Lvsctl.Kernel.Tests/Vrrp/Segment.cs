using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>Two hosts, 10.1.8.1 and .2 (fe80::1 and ::2), on one network, that share 10.1.8.100 (fe80::100). No IPVS is needed for that.</summary>
sealed class Segment : IDisposable
{
    public const string Vip = "10.1.8.100";
    public const string Vip6 = "fe80::100";

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    readonly LabHost _network = new(needsIpvs: false);
    readonly List<IDisposable> _speakers = [];
    readonly List<LabHost> _others = [];
    readonly Dictionary<(int Host, string Card), string> _ports = [];

    public Segment()
    {
        AddBridge("bridge");
        Hosts = [new(needsIpvs: false), new(needsIpvs: false)];
        for (var number = 1; number <= 2; number++)
        {
            AddCard(number, "eth0", "bridge", $"10.1.8.{number}/24");
            // Names that say who speaks; and no waiting for duplicate address detection.
            Hosts[number - 1].Run("ip", "addr", "add", $"fe80::{number}/64", "dev", "eth0", "nodad");
        }
        Work = Directory.CreateTempSubdirectory("vrrp-").FullName;
    }

    public LabHost[] Hosts { get; }

    public string Work { get; }

    void AddBridge(string name)
    {
        _network.Run("ip", "link", "add", name, "type", "bridge", "mcast_snooping", "0");
        _network.Run("ip", "link", "set", name, "up");
    }

    void AddCard(int number, string card, string bridge, string address)
    {
        var host = Hosts[number - 1];
        _ports[(number, card)] = host.Wire(_network, bridge, address, card);
        host.Run("ip", "link", "set", card, "addrgenmode", "none");
        host.Run("ip", "addr", "flush", "dev", card, "scope", "link");
    }

    /// <summary>eth1 of both hosts, 10.1.9.1 and .2, on another network.</summary>
    public void AddSecondNetwork()
    {
        AddBridge("bridge2");
        for (var number = 1; number <= 2; number++) AddCard(number, "eth1", "bridge2", $"10.1.9.{number}/24");
    }

    /// <summary>Somebody else on the network, who believes announcements of addresses that it never asked for.</summary>
    public LabHost AddNeighbour(string address, bool needsIpvs = false)
    {
        var host = new LabHost(needsIpvs);
        _others.Add(host);
        host.Wire(_network, "bridge", address);
        host.Run("busybox", "sysctl", "-qw", "net.ipv4.conf.eth0.arp_accept=1");
        return host;
    }

    public LvsctlVrrp Lvsctl(int host, string router, string name = "lvsctl") => Keep(new LvsctlVrrp(this, host, router, name));

    public Keepalived Keepalived(int host, string instance) => Keep(new Keepalived(this, host, instance));

    public T Keep<T>(T speaker)
        where T : IDisposable
    {
        _speakers.Add(speaker);
        return speaker;
    }

    public bool Has(int host, string address = Vip, string card = "eth0") => Hosts[host - 1].Has(address, card);

    /// <summary>Where the neighbour would send packets for the address: <c>3a:5c:...</c>, or nothing.</summary>
    public static string WayTo(LabHost neighbour, string address) =>
        neighbour.Run("ip", "neigh", "show", address, "dev", "eth0").Split(' ') is [_, "lladdr", var card, ..] ? card : "";

    public string CardOf(int host, string card = "eth0") => Hosts[host - 1].Run("ip", "-o", "link", "show", card).Split("link/ether ")[1].Split(' ')[0];

    /// <summary>The host's port of the switch goes dark, or comes back.</summary>
    public void Unplug(int host, bool isOut, string card = "eth0") => _network.Run("ip", "link", "set", _ports[(host, card)], isOut ? "down" : "up");

    /// <summary>Packets between the first host and everybody else are lost, and neither sees anything of it at its card.</summary>
    public void Partition(bool isCut) => _network.Run("bridge", "link", "set", "dev", _ports[(1, "eth0")], "state", isCut ? "0" : "3");

    /// <summary>Until one host has the address and the other has not.</summary>
    public void WaitForOwner(int host, string address = Vip, string card = "eth0") =>
        Wait(() => Has(host, address, card) && !Has(3 - host, address, card), $"{address} on host {host} alone");

    /// <summary>That one host has the address, and the other has not, and that it stays so for as long as several takeovers take.</summary>
    public void MustStay(int host, TimeSpan time, string address = Vip)
    {
        var began = Stopwatch.GetTimestamp();
        do
        {
            Assert.True(Has(host, address) && !Has(3 - host, address), $"{address} is not on host {host} alone{Logs()}");
            Thread.Sleep(s_pause);
        }
        while (Stopwatch.GetElapsedTime(began) < time);
    }

    public void Wait(Func<bool> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > s_patience) throw new InvalidOperationException($"waited for {what}{Logs()}");
            Thread.Sleep(s_pause);
        }
    }

    string Logs() => string.Concat(Directory.GetFiles(Work, "*.log").Concat(Directory.GetFiles(Work, "told")).Select(f => $"\n--- {f}\n{File.ReadAllText(f)}")) + string.Concat(_speakers.OfType<LvsctlVrrp>().Select(l => $"\n--- {l.Fate}")) + Programs();

    // Twice, since it matters what goes on.
    static string Programs()
    {
        var before = All();
        Thread.Sleep(TimeSpan.FromSeconds(1));
        return $"{before}\n=== a second later{All()}";

        static string All() => string.Concat(Directory.GetDirectories("/proc", "*").Select(Threads));
    }

    // What the programs are at: a log that stays empty says nothing. State, ticks as user and kernel, switches asked for and not, where it waits.
    static string Threads(string process)
    {
        try
        {
            if (!int.TryParse(Path.GetFileName(process), out _) || File.ReadAllText($"{process}/comm").Trim() != "lvsctl") return "";
            return $"\n--- {process} {File.ReadAllText($"{process}/cmdline").Replace('\0', ' ')}\n" + string.Concat(Directory.GetDirectories($"{process}/task").Select(OfThread));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }

        static string OfThread(string task)
        {
            var stat = File.ReadAllText($"{task}/stat").Split(") ")[^1].Split(' ');
            var switches = File.ReadLines($"{task}/status").Where(l => l.Contains("ctxt_switches", StringComparison.Ordinal)).Select(l => l.Split('\t')[^1]);
            return $"{File.ReadAllText($"{task}/comm").Trim()}: {stat[0]} {stat[11]}+{stat[12]} {string.Join('/', switches)} {File.ReadAllText($"{task}/wchan")}\n";
        }
    }

    public void Dispose()
    {
        foreach (var speaker in _speakers) speaker.Dispose();
        foreach (var host in (LabHost[])[.. Hosts, .. _others]) host.Dispose();
        _network.Dispose();
        Directory.Delete(Work, recursive: true);
    }
}
