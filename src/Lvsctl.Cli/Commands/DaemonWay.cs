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
                if (isNamed || (mustBeAsked && settings.StateDirectoryGiven(parsed) is null)) throw new ControlException($"{why}, and this is about {Path.GetFullPath(directory)}: name the manifest that it runs with, or its --state-dir", (int)ExitCode.Usage);
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

    /// <summary>The director would put back what its own manifest wants.</summary>
    /// <param name="manifest">As it was given on the command line.</param>
    /// <exception cref="ControlException">It runs with another manifest.</exception>
    public void MustHave(IReadOnlyList<string> manifest)
    {
        if (manifest.Select(Path.GetFullPath).SequenceEqual(Info.Manifest)) return;
        throw new ControlException(
            $"lvsctl run is at work with {Info.StateDirectory} and keeps the table as {string.Join(" and ", Info.Manifest)} wants it, not {string.Join(" and ", manifest)}: "
            + $"change that manifest and say 'lvsctl apply -m {Info.Manifest[0]}' or 'lvsctl reload', or stop it first; nothing was changed", (int)ExitCode.Locked);
    }

    /// <summary>The director would keep its old manifest, and put back what that wants.</summary>
    /// <exception cref="ControlException">It does not accept the manifest as it is on disk now.</exception>
    public async Task MustAcceptAsync(CancellationToken cancellation)
    {
        var manifest = await Client.GetAsync(DirectorRoutes.Manifest, ControlJson.Default.ManifestDocument, cancellation).ConfigureAwait(false);
        if (manifest.Objection is { } objection) throw new ControlException($"the director at work does not accept the manifest: {objection}; nothing was changed", (int)ExitCode.ManifestInvalid);
    }

    /// <summary>Has the director read its manifest again, so that it wants what was just applied.</summary>
    /// <returns>Why it does not; null: it does.</returns>
    public async Task<string?> ReloadAsync()
    {
        try
        {
            var reload = await Client.PostAsync(DirectorRoutes.Reload, ControlJson.Default.ReloadDocument, CancellationToken.None).ConfigureAwait(false);
            return reload.Refused is { } refused ? $"the director at work refuses the manifest and keeps its old one: {refused}" : null;
        }
        catch (ControlException e)
        {
            return $"the director at work could not be told of it: {e.Message}; say 'lvsctl reload'";
        }
    }

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
