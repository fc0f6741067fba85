namespace Lvsctl.Core.Vrrp;

/// <summary>RFC 9568 6.1 and RFC 3768 6.1.</summary>
public static class VrrpTimers
{
    /// <summary>By how much worse routers wait longer.</summary>
    /// <param name="interval">The master's; version 2 has seconds whatever it is.</param>
    public static TimeSpan Skew(int version, byte priority, TimeSpan interval) =>
        (256 - priority) * (version == 2 ? TimeSpan.FromSeconds(1) : interval) / 256;

    /// <summary>The silence after which a backup takes over: Active_Down_Interval, Master_Down_Interval.</summary>
    public static TimeSpan MasterDown(int version, byte priority, TimeSpan interval) => 3 * interval + Skew(version, priority, interval);

    /// <summary>Within it every backup that heard a master leave has taken over.</summary>
    public static TimeSpan LongestSkew(int version, TimeSpan interval) => Skew(version, 1, interval);
}
