using Lvsctl.Core.Cluster;
using Lvsctl.Linux.Processes;

namespace Lvsctl.Director.Running;

/// <summary>
/// Where the daemon may write. A manifest may be written by somebody who is not root on the director, or come from a repository: what it names
/// must lie in directories that are the daemon's anyway. Other places are named on the command line, or by the service manager.
/// </summary>
/// <param name="directories">Absolute.</param>
public sealed class OwnPlaces(IReadOnlyList<string> directories)
{
    static readonly string[] s_usual = ["/run/lvsctl", "/var/log/lvsctl", "/var/lib/lvsctl"];

    // systemd.exec(5): set for units that have such directories; several are separated by colons.
    static readonly string[] s_variables = ["RUNTIME_DIRECTORY", "LOGS_DIRECTORY", "STATE_DIRECTORY"];

    /// <param name="stateDirectory">The one in force where the command line names it; null: the manifest's, which then has to lie in the others.</param>
    public static OwnPlaces Of(string? stateDirectory) => new([
        .. s_usual,
        .. s_variables.SelectMany(v => Environment.GetEnvironmentVariable(v)?.Split(':', StringSplitOptions.RemoveEmptyEntries) ?? []),
        .. stateDirectory is null ? [] : (string[])[Path.GetFullPath(stateDirectory)],
    ]);

    /// <summary>What of the manifest would let it do more than it should; for people, with what to do. Null: nothing.</summary>
    /// <param name="isStateGiven">The command line says where the state is, and what the manifest says of it does not count.</param>
    public string? Objection(ClusterSpec cluster, bool isStateGiven)
    {
        (string Key, string? Path)[] named = [("control.socket", cluster.Control.Socket), ("log.file", cluster.Log.File), ("daemon.state-directory", isStateGiven ? null : cluster.Daemon.StateDirectory)];
        var outside = named.Where(n => n.Path is { } path && !IsInside(path)).Select(n => $"{n.Key} {n.Path}").ToList();
        if (outside.Count > 0)
            return $"the daemon writes nothing outside of its directories ({string.Join(", ", directories.Distinct())}), and the manifest wants {string.Join(", ", outside)}: name a path below one of them";
        var mighty = Users(cluster).Distinct().Where(u => UserIdentity.Find(u)?.User == 0).ToList();
        return mighty.Count == 0 ? null : $"the daemon runs no program of a manifest with root's rights, and the manifest names {string.Join(", ", mighty)}: name a user that may do just what the program needs";
    }

    static IEnumerable<string> Users(ClusterSpec cluster)
    {
        var checks = cluster.Services.SelectMany(s => s.Servers.Select(r => r.Check).Append(s.Check).Append(s.Fallback?.Check)).OfType<CheckSpec>().Distinct(ReferenceEqualityComparer.Instance).Cast<CheckSpec>();
        return checks.SelectMany(Programs).Select(p => p.User).Concat(cluster.Notify.Select(n => (n.Target as NotifyTarget.Exec)?.User)).Append(cluster.Daemon.ProbeUser).OfType<string>();
    }

    static IEnumerable<ProbeSpec.Exec> Programs(CheckSpec check) => check.Probe switch
    {
        ProbeSpec.Exec program => [program],
        ProbeSpec.All all => all.Members.SelectMany(Programs),
        ProbeSpec.Any any => any.Members.SelectMany(Programs),
        _ => [],
    };

    bool IsInside(string path)
    {
        var full = Path.GetFullPath(path);
        return directories.Any(d => full == Path.GetFullPath(d) || full.StartsWith(Path.GetFullPath(d).TrimEnd('/') + '/', StringComparison.Ordinal));
    }
}
