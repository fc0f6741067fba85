using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>What lvsctl sends, in the eyes of tshark.</summary>
public sealed class DissectorTests
{
    [Theory]
    [InlineData("addresses: 10.1.8.100/24\ninterval: 100ms", "3")]
    [InlineData("addresses: \"fe80::100/64\"\ninterval: 100ms", "3")]
    [InlineData("addresses: 10.1.8.100/24\ninterval: 100ms\npeers: [ 10.1.8.2 ]", "3")]
    [InlineData("addresses: \"fe80::100/64\"\ninterval: 100ms\npeers: [ \"fe80::2\" ]", "3")]
    [InlineData("addresses: 10.1.8.100/24\nversion: 2\ninterval: 1s", "2")]
    [InlineData("addresses: 10.1.8.100/24\nversion: 2\ninterval: 1s\npeers: [ 10.1.8.2 ]", "2")]
    [InlineData("addresses: 10.1.8.100/24\nversion: 2\ninterval: 1s\nauthentication: { type: pass, password-file: SECRET }", "2")]
    [InlineData("addresses: 10.1.8.100/24\nversion: 2\ninterval: 1s\nauthentication: { type: ah, password-file: SECRET }", "2")]
    public void A_dissector_has_nothing_to_complain_of(string router, string version)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/tshark"), "no tshark: scripts/test installs it");
        using var segment = new Segment();
        File.WriteAllText($"{segment.Work}/secret", "secret12\n");
        var capture = $"{segment.Work}/capture";
        using var sniffer = segment.Hosts[1].Spawn($"{segment.Work}/dumpcap.log", "/usr/bin/dumpcap", "-q", "-i", "eth0", "-w", capture, "-f", "ip proto 112 or ip proto 51 or ip6 proto 112 or arp or icmp6");
        segment.Wait(() => File.Exists(capture), "the capture to begin");

        var speaker = segment.Lvsctl(1, router.Replace("SECRET", $"{segment.Work}/secret"));
        speaker.Start();
        segment.Wait(() => speaker.TryLook()?.Counters.Sent >= 2, "adverts");
        Assert.Equal(0, speaker.Stop());
        Thread.Sleep(300);
        Command.MustRun("kill", "-INT", $"{sniffer.Id}");
        sniffer.WaitForExit();

        var all = Command.MustRun("/usr/bin/tshark", "-r", capture, "-T", "fields", "-E", "separator=|", "-e", "frame.protocols", "-e", "vrrp.version", "-e", "vrrp.prio", "-e", "vrrp.checksum.status", "-e", "ip.ttl", "-e", "ipv6.hlim", "-o", "ip.check_checksum:TRUE")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('|')).ToList();
        // Not what a peer without VRRP quotes in its complaints.
        var adverts = all.Where(f => f[0].Contains("vrrp") && !f[0].Contains("icmpv6")).ToList();
        Assert.True(adverts.Count >= 3, $"{adverts.Count} adverts");
        // 1: the checksum is good.
        Assert.All(adverts, f => Assert.Equal((version, "1", "255"), (f[1], f[3], f[4] + f[5])));
        Assert.Equal("0", adverts[^1][2]);
        Assert.Equal("", Command.MustRun("/usr/bin/tshark", "-r", capture, "-Y", "_ws.malformed or (vrrp and _ws.expert.severity >= 6291456) or icmpv6.checksum.status == 0 or ip.checksum.status == 0", "-o", "ip.check_checksum:TRUE"));
        // As many announcements as the first burst has.
        var burst = version == "2" || router.Contains("10.1.8") ? all.Count(f => f[0].Contains(":arp")) : all.Count(f => f[0].EndsWith(":icmpv6", StringComparison.Ordinal));
        Assert.True(burst >= 5, $"{burst} announcements");
    }
}
