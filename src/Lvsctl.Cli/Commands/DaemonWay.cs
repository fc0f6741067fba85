using System.CommandLine;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;
using Lvsctl.Director.State;

namespace Lvsctl.Cli.Commands;

/// <summary>The way to the daemon that is responsible for what a verb is about.</summary>
sealed class DaemonWay : IDisposable
{
    DaemonWay(ControlClient client, InfoDocument info) => (Client, Info) = (client, info);

    public ControlClient Client { get; }

    public InfoDocument Info { get; }

    /// <summary>Null where no daemon is at work, and the verb does it itself.</summary>
    /// <param name="cluster">Null where the manifest cannot be read; then only the socket decides.</param>
    /// <param name="mustBeAsked">It would be written past the daemon otherwise. Where it need not be, and cannot be, that is said on standard error.</param>
    /// <exception cref="ControlException">A daemon is at work and cannot be asked, or the caller may not ask it.</exception>
    public static async Task<DaemonWay?> FindAsync(Workplace workplace, PlanSettings settings, ParseResult parsed, ClusterSpec? cluster, bool mustBeAsked, CancellationToken cancellation)
    {
        var socket = SocketOf(settings, parsed, cluster);
        var directory = settings.StateDirectoryGiven(parsed) ?? cluster?.Daemon.StateDirectory;
        var isNamed = parsed.GetValue(settings.Socket) is not null;
        var why = Path.Exists(socket) ? "nobody listens there" : "there is no such socket";
        if (ControlClient.TryConnect(socket) is { } client)
        {
            try
            {
                var info = await client.GetAsync(DirectorRoutes.Info, ControlJson.Default.InfoDocument, cancellation).ConfigureAwait(false);
                if (directory is null || Path.GetFullPath(directory) == info.StateDirectory) return new(client, info);
                why = $"the director that listens there keeps its state in {info.StateDirectory}";
                if (isNamed) throw new ControlException($"{why}, and this is about {Path.GetFullPath(directory)}: name the manifest that it runs with, or its --state-dir", (int)ExitCode.Usage);
                client.Dispose();
            }
            catch (ControlException e) when (e.ExitCode == (int)ExitCode.Failed)
            {
                client.Dispose();
                why = e.Message;
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }
        if (isNamed && directory is null) throw new ControlException($"no director answers at {socket}: {why}");
        if (directory is null || !IsAtWork(new StateStore(directory, workplace.Clock), mustBeAsked)) return null;
        var trouble = $"lvsctl run is at work with {directory}, and its control socket {socket} cannot be used: {why}";
        if (mustBeAsked) throw new ControlException($"{trouble}; nothing was changed: name its socket with --socket, look into its log, or stop it");
        parsed.InvocationConfiguration.Error.WriteLine($"lvsctl: {trouble}; this is what can be seen without it");
        return null;
    }

    public static string SocketOf(PlanSettings settings, ParseResult parsed, ClusterSpec? cluster) =>
        parsed.GetValue(settings.Socket) ?? cluster?.Control.Socket ?? ControlSpec.DefaultSocket;

    static bool IsAtWork(StateStore store, bool mustBeKnown)
    {
        try
        {
            return store.IsDaemonAtWork();
        }
        catch (StateException) when (!mustBeKnown)
        {
            return false;
        }
    }

    public void Dispose() => Client.Dispose();
}
