using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;

namespace Lvsctl.Director.Reconcile;

/// <summary>A setting of the director's kernel that is not as the manifest wants it.</summary>
/// <param name="Name">The manifest's: <c>expire-nodest-conn</c>.</param>
/// <param name="Place">The kernel's: <c>net.ipv4.vs.expire_nodest_conn</c>.</param>
/// <param name="Before">Null when this kernel has no such setting, so that nothing can be set.</param>
public sealed record SettingChange(string Name, string Place, string? Before, string After);

/// <summary>The kernel settings that the services need: sysctls and the time-outs of connections.</summary>
public sealed class DirectorSettings(IpvsClient client, KernelSettings kernel)
{
    const string TimeoutsPlace = "ipvs time-outs (tcp tcpfin udp)";

    public IReadOnlyList<SettingChange> Plan(SettingsSpec wanted)
    {
        var changes = new List<SettingChange>();
        foreach (var (setting, value) in wanted.Sysctls)
        {
            var now = kernel.Read(setting.Sysctl);
            if (!Same(now, value)) changes.Add(new(setting.Name, setting.Sysctl, now, value));
        }
        if (wanted.Timeouts is { } timeouts)
        {
            var now = client.GetTimeouts();
            var after = new ConnectionTimeouts(Seconds(timeouts.Tcp, now.Tcp), Seconds(timeouts.TcpFin, now.TcpFin), Seconds(timeouts.Udp, now.Udp));
            if (after != now) changes.Add(new("timeouts", TimeoutsPlace, Text(now), Text(after)));
        }
        return changes;
    }

    /// <exception cref="SysctlException">A setting could not be written; those before it are.</exception>
    /// <exception cref="IpvsException">The time-outs were refused.</exception>
    public void Apply(IReadOnlyList<SettingChange> changes, SettingsSpec wanted)
    {
        foreach (var change in changes.Where(c => c.Before is not null))
        {
            if (change.Place != TimeoutsPlace) kernel.Write(change.Place, change.After);
            else if (client.Apply([new TableChange.SetTimeouts(Timeouts(wanted.Timeouts!))]) is [var refused, ..]) throw refused.Error;
        }
    }

    /// <summary>Puts back what changes found before they were made, as far as it can.</summary>
    /// <returns>What could not be put back, and why.</returns>
    public IReadOnlyList<string> Restore(IReadOnlyList<SettingChange> changes)
    {
        var failed = new List<string>();
        foreach (var change in changes.Where(c => c.Before is not null))
        {
            try
            {
                Restore(change);
            }
            catch (Exception e) when (e is SysctlException or IpvsException)
            {
                failed.Add(e is SysctlException ? e.Message : $"cannot set {change.Place}: {e.Message}");
            }
        }
        return failed;
    }

    void Restore(SettingChange change)
    {
        if (change.Place != TimeoutsPlace)
        {
            if (!Same(kernel.Read(change.Place), change.Before!.Replace('\t', ' '))) kernel.Write(change.Place, change.Before!);
        }
        else if (change.Before!.Split(' ').Select(n => uint.Parse(n, CultureInfo.InvariantCulture)).ToArray() is [var tcp, var fin, var udp]
            && client.Apply([new TableChange.SetTimeouts(new ConnectionTimeouts(tcp, fin, udp))]) is [var refused, ..])
        {
            throw refused.Error;
        }
    }

    // The kernel separates numbers by a tab, people by a blank.
    static bool Same(string? now, string value) => now is not null && now.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).SequenceEqual(value.Split(' '));

    static uint Seconds(TimeSpan? wanted, uint now) => wanted is { } time ? (uint)time.TotalSeconds : now;

    static ConnectionTimeouts Timeouts(TimeoutsSpec spec) => new(Seconds(spec.Tcp, 0), Seconds(spec.TcpFin, 0), Seconds(spec.Udp, 0));

    static string Text(ConnectionTimeouts t) => $"{t.Tcp} {t.TcpFin} {t.Udp}";
}
