using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Core.Tests.Reconcile;

public class SafetyGateTests
{
    static readonly ServiceKey s_key = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80);

    [Fact]
    public void Taking_the_last_server_is_refused() =>
        Assert.Equal(["last-server"], Check(before: [1], after: [], Share.Percent(100)));

    [Fact]
    public void Taking_the_last_server_that_serves_is_refused_even_if_others_have_weight_0()
    {
        var refusals = Check(before: [1, 2], after: [2], Share.Percent(100), quiesced: 2);

        Assert.Equal(["last-server"], refusals);
    }

    [Theory]
    [InlineData(1, 3, "")]
    [InlineData(2, 3, "max-unavailable")]
    public void More_than_the_limit_is_refused(int taken, int servers, string expected) =>
        Assert.Equal(expected, string.Join(',', Check([.. Enumerable.Range(1, servers)], [.. Enumerable.Range(1 + taken, servers - taken)], Share.Percent(50))));

    [Fact]
    public void Servers_that_come_in_make_up_for_those_that_go() =>
        Assert.Empty(Check(before: [1, 2], after: [3, 4], Share.Count(0)));

    [Fact]
    public void A_server_whose_weight_becomes_0_is_lost_too()
    {
        var wanted = new DesiredTable([new DesiredService("web", new VirtualService(s_key), [new DesiredServer("rs1", Real(1) with { Weight = 0 })])]);
        var observed = Holds([1]);
        var plan = Planner.Plan(wanted, observed, Ownership.None, DrainPolicy.AtOnce);

        Assert.Equal("last-server", Assert.Single(SafetyGate.Check(plan, wanted, observed, new SafetyLimits(Share.Percent(100), 9))).Rule);
    }

    [Fact]
    public void More_removals_than_allowed_are_refused_with_their_number()
    {
        var observed = Holds([.. Enumerable.Range(1, 12)]);
        var plan = Planner.Plan(Wanted([1]), observed, Ownership.Everything(observed), DrainPolicy.AtOnce);

        var refusal = Assert.Single(SafetyGate.Check(plan, Wanted([1]), observed, new SafetyLimits(Share.Percent(100), 10)));

        Assert.Equal(("max-deletes", "11 entries would be removed; the limit is 10"), (refusal.Rule, refusal.Text));
        Assert.Empty(SafetyGate.Check(plan, Wanted([1]), observed, new SafetyLimits(Share.Percent(100), 11)));
    }

    [Fact]
    public void The_account_names_the_servers_and_says_what_the_limit_means_here()
    {
        var observed = Holds([1, 2, 3, 4]);
        var plan = Planner.Plan(Wanted([1]), observed, Ownership.Everything(observed), DrainPolicy.AtOnce);

        Assert.Equal(
            "web would lose 3 of its 4 serving servers (10.1.0.2:80, 10.1.0.3:80, 10.1.0.4:80); the limit is 50%, here 2",
            Assert.Single(SafetyGate.Check(plan, Wanted([1]), observed, SafetyLimits.Default)).Text);
    }

    [Theory]
    [InlineData(4, "")]
    [InlineData(3, "")]
    [InlineData(2, "min-healthy")]
    public void A_service_is_not_taken_below_its_min_healthy(int stay, string expected)
    {
        var observed = Holds([1, 2, 3, 4]);
        var wanted = WithMinHealthy(3, [.. Enumerable.Range(1, stay)]);
        var plan = Planner.Plan(wanted, observed, Ownership.Everything(observed), DrainPolicy.AtOnce);

        var refusals = SafetyGate.Check(plan, wanted, observed, new SafetyLimits(Share.Percent(100), 100));

        Assert.Equal(expected, string.Join(',', refusals.Select(r => r.Rule)));
        if (expected != "") Assert.Equal("web would be left with 2 serving servers (10.1.0.3:80, 10.1.0.4:80 would go); its min-healthy is 3", refusals[0].Text);
    }

    [Fact]
    public void What_is_below_its_min_healthy_already_may_get_better_but_not_worse()
    {
        var observed = Holds([1, 2]);

        Assert.Empty(Rules(WithMinHealthy(4, [1, 3])));
        Assert.Equal(["min-healthy"], Rules(WithMinHealthy(4, [1])));

        IEnumerable<string> Rules(DesiredTable wanted) =>
            SafetyGate.Check(Planner.Plan(wanted, observed, Ownership.Everything(observed), DrainPolicy.AtOnce), wanted, observed, new SafetyLimits(Share.Percent(100), 100)).Select(r => r.Rule);
    }

    [Theory]
    [InlineData(4, "")]
    [InlineData(3, "max-unavailable")]
    public void A_percentage_is_of_what_the_manifest_wants_not_of_what_is_left_today(int manifest, string expected)
    {
        // Of the manifest's servers only 1, 2 and 3 serve today; 2 and 3 are to go as well.
        var observed = Holds([1, 2, 3]);
        var wanted = Wanted([.. Enumerable.Range(1, manifest)]);
        var laid = new DesiredTable([wanted.Services[0] with { Servers = [.. wanted.Services[0].Servers.Select(s => s.Name == "rs1" ? s : s with { IsOut = true })] }]);
        var plan = Planner.Plan(laid, observed, Ownership.None, DrainPolicy.AtOnce);

        Assert.Equal(expected, string.Join(',', SafetyGate.Check(plan, wanted, observed, new SafetyLimits(Share.Percent(50), 100)).Select(r => r.Rule)));
    }

    [Fact]
    public void A_drain_counts_as_a_removal_when_it_begins_and_not_again_when_it_ends()
    {
        var observed = Holds([1, 2]);
        var ours = Ownership.Everything(observed);
        var limits = new SafetyLimits(Share.Percent(100), 2);
        var begin = Planner.Plan(DesiredTable.Empty, observed, ours, DrainPolicy.UntilEmpty);

        Assert.Contains("3 entries would be removed; the limit is 2", SafetyGate.Check(begin, DesiredTable.Empty, observed, limits).Select(r => r.Text));

        ObservedPool[] quiesced = [observed[0] with { Servers = [.. observed[0].Servers.Select(s => s with { Server = s.Server with { Weight = 0 } })] }];
        var begun = DrainPolicy.UntilEmpty with { Begun = new HashSet<(ServiceKey, RealServerKey)> { (s_key, Real(1).Key), (s_key, Real(2).Key) } };
        var end = Planner.Plan(DesiredTable.Empty, quiesced, ours, begun);
        Assert.Equal(3, end.Steps.Count);
        Assert.Empty(SafetyGate.Check(end, DesiredTable.Empty, quiesced, limits));
    }

    [Theory]
    [InlineData(50, 3, 1)]
    [InlineData(50, 1, 1)]
    [InlineData(1, 10, 1)]
    [InlineData(0, 10, 0)]
    [InlineData(100, 7, 7)]
    public void A_percentage_is_rounded_down_but_never_to_nothing(int percent, int all, int expected) =>
        Assert.Equal(expected, new SafetyLimits(Share.Percent(percent), 0).Allowed(all));

    static IEnumerable<string> Check(int[] before, int[] after, Share maxUnavailable, int? quiesced = null)
    {
        var observed = Holds(before, quiesced);
        var plan = Planner.Plan(Wanted(after, quiesced), observed, Ownership.Everything(observed), DrainPolicy.AtOnce);
        return SafetyGate.Check(plan, Wanted(after, quiesced), observed, new SafetyLimits(maxUnavailable, 100)).Select(r => r.Rule);
    }

    static DesiredTable Wanted(int[] servers, int? quiesced = null) => new([new DesiredService("web", new VirtualService(s_key),
        [.. servers.Select(n => new DesiredServer($"rs{n}", Real(n) with { Weight = n == quiesced ? 0 : 1 }))])]);

    static DesiredTable WithMinHealthy(int least, int[] servers) => new([Wanted(servers).Services[0] with { MinHealthy = least }]);

    static ObservedPool[] Holds(int[] servers, int? quiesced = null) => [new ObservedPool(new ObservedService(new VirtualService(s_key), default),
        [.. servers.Select(n => new ObservedServer(Real(n) with { Weight = n == quiesced ? 0 : 1 }, 0, 0, 0, default))])];

    static RealServer Real(int n) => new(new RealServerKey(IPAddress.Parse($"10.1.0.{n}"), 80));
}
