using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>
/// lvsctl and keepalived share an address in every way that both know, and take over from each other in both directions. The modes run at the
/// same time, as most of it is waiting for version 2's whole seconds.
/// </summary>
public sealed class KeepalivedInteropTests(KeepalivedInteropTests.AllModes modes) : IClassFixture<KeepalivedInteropTests.AllModes>
{
    sealed record Mode(string Lvsctl, string Keepalived, string Address = Segment.Vip);

    const string V4 = "addresses: 10.1.8.100/24\n";
    const string KeepalivedV4 = " virtual_ipaddress {\n 10.1.8.100/24\n }\n";

    static readonly Dictionary<string, Mode> s_modes = new()
    {
        ["version 2"] = new($"{V4}version: 2\ninterval: 1s\n", $"{KeepalivedV4} version 2\n advert_int 1\n"),
        ["version 2, password"] = new($"{V4}version: 2\ninterval: 1s\nauthentication: {{ type: pass, password-file: SECRET }}\n", $"{KeepalivedV4} version 2\n advert_int 1\n authentication {{\n auth_type PASS\n auth_pass secret12\n }}\n"),
        ["version 2, authentication header"] = new($"{V4}version: 2\ninterval: 1s\nauthentication: {{ type: ah, password-file: SECRET }}\n", $"{KeepalivedV4} version 2\n advert_int 1\n authentication {{\n auth_type AH\n auth_pass secret12\n }}\n"),
        ["version 3"] = new($"{V4}interval: 200ms\n", $"{KeepalivedV4} version 3\n advert_int 0.2\n"),
        ["version 3, IPv6"] = new("addresses: \"fe80::100/64\"\ninterval: 200ms\n", " version 3\n advert_int 0.2\n virtual_ipaddress {\n fe80::100/64\n }\n", Segment.Vip6),
        ["version 3, unicast"] = new($"{V4}interval: 200ms\npeers: [ 10.1.8.1, 10.1.8.2 ]\n", $"{KeepalivedV4} version 3\n advert_int 0.2\n unicast_src_ip 10.1.8.2\n unicast_peer {{\n 10.1.8.1\n }}\n"),
        ["version 2, unicast"] = new($"{V4}version: 2\ninterval: 1s\npeers: [ 10.1.8.1, 10.1.8.2 ]\n", $"{KeepalivedV4} version 2\n advert_int 1\n unicast_src_ip 10.1.8.2\n unicast_peer {{\n 10.1.8.1\n }}\n"),
    };

    public static TheoryData<string> Names => [.. s_modes.Keys];

    public sealed class AllModes
    {
        internal Dictionary<string, Task> Runs { get; } = s_modes.ToDictionary(m => m.Key, m => Task.Factory.StartNew(() => TakeTurns(m.Value), TaskCreationOptions.LongRunning));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public Task They_take_over_from_each_other(string mode) => modes.Runs[mode];

    static void TakeTurns(Mode mode)
    {
        using var segment = new Segment();
        File.WriteAllText($"{segment.Work}/secret", "secret12\n");
        var router = mode.Lvsctl.Replace("SECRET", $"{segment.Work}/secret");
        var keepalived = segment.Keepalived(2, $"{mode.Keepalived} priority 150\n");
        keepalived.Start();
        var low = segment.Lvsctl(1, $"{router}priority: 100\n");
        low.Start();
        segment.WaitForOwner(2, mode.Address);

        // keepalived dies: lvsctl takes over. It lives again: lvsctl gives way. It leaves in order: lvsctl takes over at once.
        keepalived.Kill();
        segment.WaitForOwner(1, mode.Address);
        keepalived.Start();
        segment.WaitForOwner(2, mode.Address);
        keepalived.Stop();
        segment.WaitForOwner(1, mode.Address);

        // A better lvsctl: keepalived stays backup, takes over from a dead one, and gives way again.
        Assert.Equal(0, low.Stop());
        keepalived.Start();
        segment.WaitForOwner(2, mode.Address);
        var high = segment.Lvsctl(1, $"{router}priority: 200\n", "better");
        high.Start();
        segment.WaitForOwner(1, mode.Address);
        high.Kill();
        segment.Hosts[0].Run("ip", "addr", "del", mode.Address == Segment.Vip ? "10.1.8.100/24" : "fe80::100/64", "dev", "eth0");
        segment.WaitForOwner(2, mode.Address);
        high.Start();
        segment.WaitForOwner(1, mode.Address);
        Assert.Equal(0, high.Stop());
        segment.WaitForOwner(2, mode.Address);

        var log = low.Log + high.Log;
        Assert.DoesNotContain("refused", log);
        Assert.DoesNotContain("error:", log);
    }
}
