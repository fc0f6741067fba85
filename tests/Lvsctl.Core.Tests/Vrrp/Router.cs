using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

/// <summary>One router in virtual time; whatever it wants done is kept as text. It is 192.0.2.5.</summary>
sealed class Router
{
    public static readonly WireAddress Self = Packets.Address("192.0.2.5"), Lower = Packets.Address("192.0.2.1"), Higher = Packets.Address("192.0.2.9");

    readonly List<ElectionOutput> _scratch = [];

    /// <summary>Its clock begins before zero, so that nothing takes zero for the beginning.</summary>
    readonly TimeSpan _origin = TimeSpan.FromHours(-3);

    public Router(byte priority = 100, int version = 3, int interval = 1000, Func<ElectionSettings, ElectionSettings>? with = null)
    {
        var settings = new ElectionSettings(version, Self, priority)
        {
            Interval = TimeSpan.FromMilliseconds(interval),
            Announce = new() { Count = 0, RepeatAfter = TimeSpan.Zero },
        };
        Election = new(with?.Invoke(settings) ?? settings);
    }

    public Election Election { get; }

    public VrrpState State => Election.State;

    /// <summary>Milliseconds since the beginning.</summary>
    public double Now { get; set; }

    /// <summary>Milliseconds from now; infinite: never.</summary>
    public double Wait => Election.Deadline == TimeSpan.MaxValue ? double.PositiveInfinity : (Election.Deadline - Clock).TotalMilliseconds;

    public List<ElectionOutput> Last => _scratch;

    TimeSpan Clock => _origin + TimeSpan.FromMilliseconds(Now);

    public static Router Backup(byte priority = 100, int version = 3, int interval = 1000, Func<ElectionSettings, ElectionSettings>? with = null)
    {
        var router = new Router(priority, version, interval, with);
        router.Do(ElectionInput.Start);
        Assert.Equal(VrrpState.Backup, router.State);
        return router;
    }

    public static Router Master(byte priority = 100, int version = 3, int interval = 1000, Func<ElectionSettings, ElectionSettings>? with = null)
    {
        var router = new Router(priority, version, interval, with);
        router.Do(ElectionInput.Start);
        if (router.State != VrrpState.Master) router.Expire();
        Assert.Equal(VrrpState.Master, router.State);
        return router;
    }

    public string Do(ElectionInput input)
    {
        _scratch.Clear();
        Election.Step(input, Clock, _scratch);
        return string.Join("; ", _scratch);
    }

    public string Hear(byte priority, WireAddress? source = null, int interval = 1000) =>
        Do(ElectionInput.Advert(source ?? Lower, priority, TimeSpan.FromMilliseconds(interval)));

    /// <summary>Lets the time pass to the deadline, and this much beyond.</summary>
    public string Expire(double late = 0)
    {
        Now += Wait + late;
        return Do(ElectionInput.DeadlineReached);
    }

    public string Reload(Func<ElectionSettings, ElectionSettings> with, params int[] added)
    {
        _scratch.Clear();
        Election.Reload(with(Election.Settings), added, Clock, _scratch);
        return string.Join("; ", _scratch);
    }
}
