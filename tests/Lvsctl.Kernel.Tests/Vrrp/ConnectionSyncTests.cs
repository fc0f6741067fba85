using System.Net;
using System.Net.Sockets;
using System.Text;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>An open connection through a director that dies: what makes it survive is the kernel's connection sync, which follows the virtual router.</summary>
public sealed class ConnectionSyncTests
{
    [Fact]
    public void With_it_an_open_connection_outlives_the_director() => Assert.Equal("goes on", WhatBecomesOfAConnection("sync-connections: true\n"));

    [Fact]
    public void Without_it_an_open_connection_dies_with_the_director() => Assert.Equal("was reset", WhatBecomesOfAConnection(""));

    [Fact]
    public void Another_manifest_turns_it_on_and_off()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("LVSCTL_LAB") == "1", "directors need IPVS");
        using var segment = new Segment();
        var (first, second) = Pair.Start(segment);
        Assert.Equal(["", ""], segment.Hosts.Take(2).Select(Daemons));

        Reload("sync-connections: true\n");
        segment.Wait(() => Daemons(segment.Hosts[0]).StartsWith("master sync daemon", StringComparison.Ordinal) && Daemons(segment.Hosts[1]).StartsWith("backup sync daemon", StringComparison.Ordinal), "both to synchronise");
        Reload("");
        segment.Wait(() => segment.Hosts.Take(2).All(h => Daemons(h).Length == 0), "neither to synchronise");

        void Reload(string sync)
        {
            foreach (var (router, priority) in new[] { (first, 200), (second, 100) })
            {
                router.Configure($"{Pair.Router}priority: {priority}\n{sync}");
                Assert.Equal(0, router.Ask("reload").ExitCode);
            }
        }
    }

    static string Daemons(LabHost host) => host.Run("/usr/sbin/ipvsadm", "-L", "--daemon").Trim();

    static string WhatBecomesOfAConnection(string sync)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("LVSCTL_LAB") == "1", "directors need IPVS");
        using var segment = new Segment();
        var (client, server) = (segment.AddNeighbour("10.1.8.9/24"), segment.AddNeighbour("10.1.8.20/24"));
        server.Run("ip", "addr", "add", $"{Segment.Vip}/32", "dev", "lo");
        server.Run("busybox", "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2");
        foreach (var host in segment.Hosts)
        {
            host.Run("/usr/sbin/ipvsadm", "-A", "-t", $"{Segment.Vip}:7", "-s", "rr");
            host.Run("/usr/sbin/ipvsadm", "-a", "-t", $"{Segment.Vip}:7", "-r", "10.1.8.20:7", "-g");
            // Told after the third packet.
            host.Run("busybox", "sysctl", "-qw", "net.ipv4.vs.sync_threshold=3 10");
        }
        using var echo = new Echo(server);
        var (first, second) = Pair.Start(segment, Pair.Router + sync);

        using var connection = client.Connect(new IPEndPoint(IPAddress.Parse(Segment.Vip), 7));
        for (var i = 0; i < 5; i++) Assert.Equal("said", Say(connection));
        if (sync.Length > 0)
        {
            segment.Wait(() => Connections(segment.Hosts[1]).Contains("ESTABLISHED", StringComparison.Ordinal), "the second to be told of the connection");
        }
        else
        {
            Assert.DoesNotContain("ESTABLISHED", Connections(segment.Hosts[1]));
        }

        first.Kill();
        segment.Unplug(1, isOut: true);
        second.WaitForState("master");
        return Say(connection) switch { "said" => "goes on", var other => other };
    }

    static string Connections(LabHost host) => host.Run("/usr/sbin/ipvsadm", "-L", "-c", "-n");

    static string Say(Socket connection)
    {
        var answer = new byte[16];
        try
        {
            connection.Send("said"u8);
            return Encoding.ASCII.GetString(answer, 0, connection.Receive(answer));
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionReset ? "was reset" : e.SocketErrorCode.ToString();
        }
    }

    sealed class Echo : IDisposable
    {
        readonly Socket _listener;

        public Echo(LabHost host)
        {
            _listener = host.Listen(new IPEndPoint(IPAddress.Any, 7));
            new Thread(Serve) { IsBackground = true }.Start();
        }

        void Serve()
        {
            try
            {
                using var connection = _listener.Accept();
                var said = new byte[64];
                for (int count; (count = connection.Receive(said)) > 0;) connection.Send(said.AsSpan(0, count));
            }
            catch (SocketException)
            {
                // The test is over.
            }
        }

        public void Dispose() => _listener.Dispose();
    }
}
