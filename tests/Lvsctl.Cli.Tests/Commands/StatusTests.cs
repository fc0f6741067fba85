using System.Net;
using System.Text.Json;
using Lvsctl.Cli.Commands;
using Lvsctl.Core.Model;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Commands;

public class StatusTests
{
    static FakeKernel Kernel()
    {
        var kernel = new FakeKernel();
        kernel.Preload(new VirtualService(ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("192.168.1.200"), 80)) { Scheduler = "wrr" }, default,
            new ObservedServer(new RealServer(new(IPAddress.Parse("192.168.1.14"), 80)) { Weight = 2 }, 12, 3456, 0,
                new TrafficStatistics(0, 0, 0, 0, 0, 15, 100, 0, 1234567, 0)),
            new ObservedServer(new RealServer(new(IPAddress.Parse("192.168.1.15"), 80)) { Weight = 0, Forward = ForwardingMethod.Tunnel }, 1, 0, 0, default));
        kernel.Preload(new VirtualService(ServiceKey.Marked(7, IpFamily.IPv6))
        {
            Scheduler = "sh",
            Flags = ServiceFlags.Persistent | ServiceFlags.OnePacket,
            PersistenceTimeout = 300,
        });
        return kernel;
    }

    [Fact]
    public void The_table_is_aligned_across_services() => Assert.Equal("""
        IPVS 1.2.1: 2 virtual services, 2 real servers

        tcp 192.168.1.200:80  wrr
          REAL SERVER      FORWARD  WEIGHT  ACTIVE  INACTIVE  CONN/S  IN B/S  OUT B/S
          192.168.1.14:80  dr            2      12      3456      15    1.2M        0
          192.168.1.15:80  tun           0       1         0       0       0        0

        fwmark 7 ipv6  sh  persistent 300s  one-packet
          no real servers: clients are refused

        """, VerbRun.Of("status", Kernel()).Output);

    [Fact]
    public void An_empty_table_is_one_line() => Assert.Equal("IPVS 1.2.1: 0 virtual services, 0 real servers\n", VerbRun.Of("status").Output);

    [Fact]
    public void In_colour_the_text_is_the_same_and_what_needs_a_look_stands_out()
    {
        var lines = VerbRun.Of("status", Kernel(), colour: true).Output.Split('\n');
        Assert.StartsWith("\e[33m  192.168.1.15:80", lines.Single(l => l.Contains("192.168.1.15")));
        Assert.StartsWith("\e[31m", lines.Single(l => l.Contains("no real servers")));
        Assert.StartsWith("  192.168.1.14:80", lines.Single(l => l.Contains("192.168.1.14")));
        var plain = string.Join('\n', lines);
        foreach (var code in new[] { "\e[0m", "\e[1m", "\e[31m", "\e[33m" }) plain = plain.Replace(code, "");
        Assert.Equal(VerbRun.Of("status", Kernel()).Output, plain);
    }

    [Fact]
    public void For_programs_there_is_the_document_of_the_ipvsadm_style()
    {
        var run = VerbRun.Of("status --json", Kernel(), colour: true);
        using var document = JsonDocument.Parse(run.Output);
        var services = document.RootElement.GetProperty("services");
        Assert.Equal(2, services.GetArrayLength());
        var server = services[0].GetProperty("servers")[0];
        Assert.Equal("192.168.1.14", server.GetProperty("address").GetString());
        Assert.EndsWith("}\n", run.Output);
        Assert.All(["name", "wanted_weight", "because", "intent", "leaving_since"], field => Assert.Equal(JsonValueKind.Null, server.GetProperty(field).ValueKind));
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("orphaned_intents").ValueKind);
    }

    [Fact]
    public void Without_ipvs_it_is_one_line_and_code_7()
    {
        var run = VerbRun.Of("status", new FakeKernel { HasIpvs = false });
        Assert.Equal((7, ""), (run.Code, run.Output));
        Assert.Matches("^lvsctl: cannot use IPVS: .*modprobe ip_vs\n$", run.Error);
    }

    [Fact]
    public void Without_the_right_to_it_is_one_line_and_code_7()
    {
        var run = VerbRun.Of("status", new FakeKernel { IsPermitted = false });
        Assert.Equal((7, ""), (run.Code, run.Output));
        Assert.Matches("^lvsctl: cannot use IPVS: .*CAP_NET_ADMIN.*\n$", run.Error);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(999, "999")]
    [InlineData(1000, "1.0K")]
    [InlineData(999_949, "999.9K")]
    [InlineData(999_950, "1.0M")]
    [InlineData(35_000_000, "35.0M")]
    [InlineData(ulong.MaxValue, "18446.7P")]
    public void Rates_have_three_digits_and_a_prefix(ulong perSecond, string text) => Assert.Equal(text, StatusText.Rate(perSecond));
}
