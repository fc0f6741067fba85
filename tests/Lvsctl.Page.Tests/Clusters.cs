using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Page.Tests;

static class Clusters
{
    /// <summary>A server that does not say "fine" is down after the second failure.</summary>
    public static CheckSpec Check { get; } = new("greeting", new ProbeSpec.Tcp { Expect = [.. "fine"u8] })
    {
        Every = TimeSpan.FromMilliseconds(100),
        Timeout = TimeSpan.FromMilliseconds(500),
        Rise = 1,
        Fall = 2,
    };

    public static ServiceSpec Service(string name, string address, params ToyServer[] servers) => new(name)
    {
        Listen = [ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse(address), 80)],
        Check = Check,
        Servers = [.. servers.Select((s, i) => new ServerSpec($"rs{i + 1}", s.At.Address) { Port = (ushort)s.At.Port, Weight = 10, Forward = new(ForwardingMethod.Nat) })],
    };

    public static ClusterSpec Of(params ServiceSpec[] services) => new()
    {
        Name = "shop",
        Services = [.. services],
        Daemon = new DaemonSpec { ReconcileEvery = TimeSpan.FromMilliseconds(300) },
    };

    /// <summary>Servers that nobody asks: ten thousand of them cost no probes.</summary>
    public static ClusterSpec Large(int services, int servers) => Of([.. Enumerable.Range(0, services).Select(s => new ServiceSpec($"service-{s:D4}")
    {
        Listen = [ServiceKey.At(TransportProtocol.Tcp, new IPAddress([10, 1, (byte)(s / 250), (byte)(1 + s % 250)]), 80)],
        Servers = [.. Enumerable.Range(0, servers).Select(i => new ServerSpec($"rs{i:D2}", new IPAddress([10, (byte)(2 + s / 250), (byte)(s % 250), (byte)(1 + i)])))],
    })]);
}
