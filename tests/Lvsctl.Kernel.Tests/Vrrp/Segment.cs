using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>Two hosts, 10.1.8.1 and .2 (fe80::1 and ::2), on one network, that share 10.1.8.100 (fe80::100).</summary>
sealed class Segment : IDisposable
{
    public const string Vip = "10.1.8.100";
    public const string Vip6 = "fe80::100";

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    readonly LabHost _network = new();
    readonly List<IDisposable> _speakers = [];

    public Segment()
    {
        _network.Run("ip", "link", "add", "bridge", "type", "bridge", "mcast_snooping", "0");
        _network.Run("ip", "link", "set", "bridge", "up");
        Hosts = [Host(1), Host(2)];
        Work = Directory.CreateTempSubdirectory("vrrp-").FullName;
    }

    LabHost Host(int number)
    {
        var host = new LabHost();
        Ports.Add(host.Wire(_network, "bridge", $"10.1.8.{number}/24"));
        // Names that say who speaks; and no waiting for duplicate address detection.
        host.Run("ip", "link", "set", "eth0", "addrgenmode", "none");
        host.Run("ip", "addr", "flush", "dev", "eth0", "scope", "link");
        host.Run("ip", "addr", "add", $"fe80::{number}/64", "dev", "eth0", "nodad");
        return host;
    }

    public LabHost[] Hosts { get; }

    /// <summary>Of the bridge, by host.</summary>
    public List<string> Ports { get; } = [];

    public string Work { get; }

    public LvsctlVrrp Lvsctl(int host, string router, string name = "lvsctl") => Keep(new LvsctlVrrp(this, host, router, name));

    public Keepalived Keepalived(int host, string instance) => Keep(new Keepalived(this, host, instance));

    public T Keep<T>(T speaker)
        where T : IDisposable
    {
        _speakers.Add(speaker);
        return speaker;
    }

    public bool Has(int host, string address = Vip) =>
        Hosts[host - 1].Run("ip", "-o", "addr", "show", "dev", "eth0").Contains($" {address}/", StringComparison.Ordinal);

    /// <summary>The host's port of the switch goes dark, or comes back.</summary>
    public void Unplug(int host, bool isOut) => _network.Run("ip", "link", "set", Ports[host - 1], isOut ? "down" : "up");

    /// <summary>Packets between the hosts are lost, and neither sees anything of it at its card.</summary>
    public void Partition(bool isCut) => _network.Run("bridge", "link", "set", "dev", Ports[0], "state", isCut ? "0" : "3");

    /// <summary>Until one host has the address and the other has not.</summary>
    public void WaitForOwner(int host, string address = Vip) =>
        Wait(() => Has(host, address) && !Has(3 - host, address), $"{address} on host {host} alone");

    public void Wait(Func<bool> condition, string what)
    {
        var began = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(began) > s_patience) throw new InvalidOperationException($"waited for {what}\n{string.Join("\n", Directory.GetFiles(Work, "*.log").Select(f => $"--- {f}\n{File.ReadAllText(f)}"))}");
            // Each look is two programs, and the lab is slow with those.
            Thread.Sleep(100);
        }
    }

    public void Dispose()
    {
        foreach (var speaker in _speakers) speaker.Dispose();
        foreach (var host in Hosts) host.Dispose();
        _network.Dispose();
        Directory.Delete(Work, recursive: true);
    }
}
