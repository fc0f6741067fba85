using System.Net;
using System.Net.Sockets;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Parity;

/// <summary>Listings of one table that carries traffic, by both programs: counters, rates and connections that are not zero.</summary>
public class TrafficParityTests(ITestOutputHelper log)
{
    static readonly string[][] Listings =
    [
        ["-Ln"], ["-Ln", "--stats"], ["-Ln", "--stats", "--exact"], ["-Ln", "--rate"], ["-Ln", "--rate", "--exact"], ["-Ln", "--thresholds"], ["-Ln", "--persistent-conn"],
        ["-Lnc"], ["-Lc"], ["-Lnc", "--persistent-conn"], ["-Ln", "-t", "10.9.9.9:80"], ["-Ln", "-t", "10.9.9.9:80", "--stats"],
    ];

    [Fact]
    public void Both_programs_show_the_same_traffic() => NetworkNamespace.Run(() =>
    {
        foreach (var address in new[] { "10.9.9.9", "10.1.1.1", "10.1.1.2" }) Command.MustRun("ip", "addr", "add", $"{address}/32", "dev", "lo");
        Ipvsadm("-A -t 10.9.9.9:80 -s rr");
        Ipvsadm("-a -t 10.9.9.9:80 -r 10.1.1.1:8080 -m -x 100 -y 50");
        Ipvsadm("-a -t 10.9.9.9:80 -r 10.1.1.2:8080 -m -w 3");
        Ipvsadm("-A -t 10.9.9.9:443 -s wlc -p 300");
        Ipvsadm("-a -t 10.9.9.9:443 -r 10.1.1.2:8080 -m");
        Ipvsadm("-A -u 10.9.9.9:53 -s rr -o");
        Ipvsadm("-a -u 10.9.9.9:53 -r 10.1.1.1:5353 -m");

        using var first = Listen("10.1.1.1");
        using var second = Listen("10.1.1.2");
        var clients = new List<TcpClient>();
        foreach (var port in new[] { 80, 80, 80, 80, 80, 443, 443 })
        {
            var client = new TcpClient();
            client.Connect("10.9.9.9", port);
            client.GetStream().Write(new byte[20_000]);
            clients.Add(client);
        }
        // Some stay open, some have ended.
        clients[0].Dispose();
        clients[1].Dispose();
        using (var udp = new UdpClient())
        {
            for (var i = 0; i < 7; i++) udp.Send(new byte[100], "10.9.9.9", 53);
        }

        try
        {
            // The kernel adds its counters up every two seconds.
            Command.MustRun("sleep", "2.5");
            foreach (var listing in Listings) Compare(listing);
            var counted = Command.MustRun("/usr/sbin/ipvsadm", "-Ln", "--stats", "--exact");
            log.WriteLine(counted);
            Assert.Matches(@"TCP  10\.9\.9\.9:80 +5 ", counted);
            Assert.Contains("ESTABLISHED", Command.MustRun("/usr/sbin/ipvsadm", "-Lnc"));
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    });

    // Counters move between two calls; what differs for good differs every time.
    static void Compare(string[] listing)
    {
        Command.Result theirs, ours;
        var attempts = 0;
        do
        {
            theirs = Command.Run("/usr/sbin/ipvsadm", listing);
            ours = Command.Run(Lab.Program.Path, listing);
        }
        while (theirs != ours && ++attempts < 8);
        Assert.True(theirs == ours, $"{string.Join(' ', listing)}\n--- ipvsadm: {theirs}--- lvsctl: {ours}");
    }

    static void Ipvsadm(string line) => Command.MustRun("/usr/sbin/ipvsadm", line.Split(' '));

    static TcpListener Listen(string address)
    {
        var listener = new TcpListener(IPAddress.Parse(address), 8080);
        listener.Start();
        return listener;
    }
}
