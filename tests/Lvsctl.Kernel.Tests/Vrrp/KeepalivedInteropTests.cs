namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>
/// lvsctl and keepalived share an address in every way that both know, and take over from each other in both directions. The modes run at the
/// same time, as most of it is waiting for version 2's whole seconds.
/// </summary>
public sealed class KeepalivedInteropTests(KeepalivedInteropTests.AllModes modes) : IClassFixture<KeepalivedInteropTests.AllModes>
{
    sealed record Mode(string Lvsctl, string Keepalived, string Address = Segment.Vip)
    {
        /// <summary>Longer than any of the two waits for a dead master.</summary>
        public TimeSpan Takeover => TimeSpan.FromSeconds(Lvsctl.Contains("version: 2", StringComparison.Ordinal) ? 4.5 : 1.2);
    }

    const string V4 = "addresses: 10.1.8.100/24\n";
    const string KeepalivedV4 = " virtual_ipaddress {\n 10.1.8.100/24\n }\n";
    const string V6 = "addresses: \"fe80::100/64\"\n";
    const string KeepalivedV6 = " virtual_ipaddress {\n fe80::100/64\n }\n";

    static readonly Mode s_version2 = new($"{V4}version: 2\ninterval: 1s\n", $"{KeepalivedV4} version 2\n advert_int 1\n");
    static readonly Mode s_version3 = new($"{V4}interval: 200ms\n", $"{KeepalivedV4} version 3\n advert_int 0.2\n");
    static readonly Mode s_overIPv6 = new($"{V6}interval: 200ms\n", $"{KeepalivedV6} version 3\n advert_int 0.2\n", Segment.Vip6);

    static readonly Dictionary<string, Mode> s_modes = new()
    {
        ["version 2"] = s_version2,
        ["version 2, password"] = s_version2 with
        {
            Lvsctl = $"{s_version2.Lvsctl}authentication: {{ type: pass, password-file: SECRET }}\n",
            Keepalived = $"{s_version2.Keepalived} authentication {{\n auth_type PASS\n auth_pass secret12\n }}\n",
        },
        ["version 2, authentication header"] = s_version2 with
        {
            Lvsctl = $"{s_version2.Lvsctl}authentication: {{ type: ah, password-file: SECRET }}\n",
            Keepalived = $"{s_version2.Keepalived} authentication {{\n auth_type AH\n auth_pass secret12\n }}\n",
        },
        ["version 3"] = s_version3,
        ["version 3, IPv6"] = s_overIPv6,
        ["version 2, unicast"] = Unicast(s_version2, "10.1.8.1", "10.1.8.2"),
        ["version 3, unicast"] = Unicast(s_version3, "10.1.8.1", "10.1.8.2"),
        ["version 3, IPv6, unicast"] = Unicast(s_overIPv6, "fe80::1", "fe80::2"),
    };

    static readonly Dictionary<string, Mode> s_patient = new[] { ("version 2", s_version2), ("version 3", s_version3), ("version 3, IPv6", s_overIPv6), ("version 3, unicast", s_modes["version 3, unicast"]) }
        .ToDictionary(m => m.Item1, m => m.Item2 with { Lvsctl = $"{m.Item2.Lvsctl}preempt: false\n", Keepalived = $"{m.Item2.Keepalived} state BACKUP\n nopreempt\n" });

    static Mode Unicast(Mode mode, string ours, string theirs) => mode with
    {
        Lvsctl = $"{mode.Lvsctl}peers: [ \"{ours}\", \"{theirs}\" ]\n",
        Keepalived = $"{mode.Keepalived} unicast_src_ip {theirs}\n unicast_peer {{\n {ours}\n }}\n",
    };

    public static TheoryData<string> Names => [.. s_modes.Keys];

    public static TheoryData<string> NamesOfPatient => [.. s_patient.Keys];

    public sealed class AllModes
    {
        internal Dictionary<string, Task> Runs { get; } = s_modes.ToDictionary(m => m.Key, m => Begin(() => TakeTurns(m.Value)));

        internal Dictionary<string, Task> PatientRuns { get; } = s_patient.ToDictionary(m => m.Key, m => Begin(() => WaitForEachOther(m.Value)));

        static Task Begin(Action work) => Task.Factory.StartNew(work, TaskCreationOptions.LongRunning);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public Task They_take_over_from_each_other(string mode) => modes.Runs[mode];

    [Theory]
    [MemberData(nameof(NamesOfPatient))]
    public Task Without_preemption_they_take_over_from_the_dead_only(string mode) => modes.PatientRuns[mode];

    static void TakeTurns(Mode mode)
    {
        using var segment = new Segment();
        var router = Router(segment, mode);
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
        Die(segment, high, mode);
        segment.WaitForOwner(2, mode.Address);
        high.Start();
        segment.WaitForOwner(1, mode.Address);
        Assert.Equal(0, high.Stop());
        segment.WaitForOwner(2, mode.Address);
        NothingWasWrong(low, high);
    }

    static void WaitForEachOther(Mode mode)
    {
        using var segment = new Segment();
        var router = Router(segment, mode);
        var keepalived = segment.Keepalived(2, $"{mode.Keepalived} priority 150\n");
        var low = segment.Lvsctl(1, $"{router}priority: 100\n");
        low.Start();
        segment.WaitForOwner(1, mode.Address);

        // The better keepalived comes, and waits until lvsctl leaves.
        keepalived.Start();
        segment.MustStay(1, mode.Takeover, mode.Address);
        Assert.Equal(0, low.Stop());
        segment.WaitForOwner(2, mode.Address);

        // The better lvsctl comes, and waits until keepalived dies.
        var high = segment.Lvsctl(1, $"{router}priority: 200\n", "better");
        high.Start();
        segment.Wait(() => high.TryLook()?.Master is not null, "lvsctl to hear keepalived");
        segment.MustStay(2, mode.Takeover, mode.Address);
        keepalived.Kill();
        segment.WaitForOwner(1, mode.Address);

        // keepalived comes back as the backup that it was, and takes over from the dead.
        keepalived.Start();
        segment.MustStay(1, mode.Takeover, mode.Address);
        Die(segment, high, mode);
        segment.WaitForOwner(2, mode.Address);
        NothingWasWrong(low, high);
    }

    static string Router(Segment segment, Mode mode)
    {
        File.WriteAllText($"{segment.Work}/secret", "secret12\n");
        return mode.Lvsctl.Replace("SECRET", $"{segment.Work}/secret");
    }

    // A dead machine has no address; this one's card is cleaned.
    static void Die(Segment segment, LvsctlVrrp lvsctl, Mode mode)
    {
        lvsctl.Kill();
        segment.Hosts[0].Run("ip", "addr", "del", mode.Address == Segment.Vip ? "10.1.8.100/24" : "fe80::100/64", "dev", "eth0");
    }

    static void NothingWasWrong(params LvsctlVrrp[] speakers)
    {
        foreach (var speaker in speakers)
        {
            Assert.DoesNotContain("refused", speaker.Log);
            Assert.DoesNotContain("error:", speaker.Log);
        }
    }
}
