using Lvsctl.Core.Events;

namespace Lvsctl.Core.Tests.Events;

public sealed class EventKindsTests
{
    // Machines go by these. Adding one is fine; changing or removing one breaks somebody's alerts.
    const string Known = """
        apply.failed Error Director
        apply.step Info
        clock.stepped Warning Director
        config.refused Error Config
        config.reloaded Info Config
        director.degraded Error Director
        director.flushed Info Director
        director.held-up Warning Director
        director.recovered Info Director
        director.started Info Director
        director.stopping Info Director
        director.warning Warning Director
        drain.done Info Config
        drain.progress Info
        drift.repaired Warning Director
        intent.returned Info Config
        intent.taken Info Config
        journal.damaged Warning Director
        notify.delivered Info
        notify.failed Warning
        notify.given-up Error
        plan.refused Error Config
        probe Debug
        probe.made-again Info Director
        probe.unmade Warning Director
        probe.warning Warning Director
        repeated Info
        server.down Warning Server
        server.up Info Server
        service.fallback Warning Service
        service.fallback-over Info Service
        service.floor Warning Service
        service.no-quorum Error Service
        service.quorum Info Service
        service.served Info Service
        service.unserved Error Service
        vrrp.address Warning Vrrp
        vrrp.died Error Vrrp
        vrrp.found Info
        vrrp.group Info Vrrp
        vrrp.late Warning Vrrp
        vrrp.priority Info
        vrrp.refused Warning
        vrrp.remark Warning
        vrrp.rival Error Vrrp
        vrrp.rival-gone Info Vrrp
        vrrp.started Info
        vrrp.stopping Info
        vrrp.transition Info Vrrp
        vrrp.trouble Error Vrrp
        """;

    [Fact]
    public void Ids_levels_and_topics_stay_what_they_are() =>
        Assert.Equal(Known.ReplaceLineEndings("\n"), string.Join('\n', EventKinds.All.OrderBy(k => k.Id, StringComparer.Ordinal).Select(k => $"{k.Id} {k.Level} {k.Topic}".TrimEnd())));

    [Fact]
    public void An_id_that_a_newer_lvsctl_wrote_is_kept() => Assert.Equal("server.moved", EventKinds.Find("server.moved", EventLevel.Warning).Id);
}
