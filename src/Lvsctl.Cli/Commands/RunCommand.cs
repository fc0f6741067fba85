using System.CommandLine;
using System.Runtime.InteropServices;
using Lvsctl.Cli.Commands.Vrrp;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Running;
using Lvsctl.Director.State;
using Lvsctl.Director.Vrrp;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

/// <summary>The director as a daemon. It stays in the foreground: whoever starts it is its supervisor.</summary>
static class RunCommand
{
    const int Tries = 5;

    // As long as lvsctl vrrp may take to hand over what it does where there is no director: it looks once a second, and farewells take a while.
    const int HeraldTries = 200;
    static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(50);

    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var level = new Option<LogLevel?>("--log-level") { Description = "error, warning, info or debug, which tells every probe; overrides the manifest" };
        var format = new Option<LogFormat?>("--log-format") { Description = "text, json, or journal for systemd; overrides the manifest" };
        var node = VrrpCommand.NodeOption();
        var noVrrp = new Option<bool>("--no-vrrp") { Description = "Never start 'lvsctl vrrp': it has a unit of its own, as under systemd" };
        var command = new Command("run", OwnVerbs.Run) { settings.Manifest, settings.StateDirectory, node, noVrrp, level, format };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(workplace, settings, parsed, parsed.GetValue(node), !parsed.GetValue(noVrrp), parsed.GetValue(level), parsed.GetValue(format), cancellation), CancellationToken.None));
        return command;
    }

    static IDisposable? Try(Func<IDisposable?> what, int most, TimeProvider clock)
    {
        for (var tries = 1; ; tries++)
        {
            if (what() is { } only) return only;
            if (tries == most) return null;
            clock.Pause(s_retry);
        }
    }

    static VrrpSurroundings Surroundings(ClusterSpec cluster, string[] manifest, string directory, string? node, bool mayStart, LogLevel? level, LogFormat? format)
    {
        var socket = VrrpClient.Beside(cluster.Control.Socket);
        // Absolute, for it lives in another directory; and by the name it was started by, which an upgrade gives to its successor.
        List<string> command = [Environment.ProcessPath!, "vrrp", VrrpCommand.KeptOption, "--state-dir", Path.GetFullPath(directory), "--socket", socket];
        foreach (var path in manifest) command.AddRange(["--manifest", Path.GetFullPath(path)]);
        if (node is not null) command.AddRange(["--node", node]);
        if (level is not null) command.AddRange(["--log-level", $"{level}".ToLowerInvariant()]);
        if (format is not null) command.AddRange(["--log-format", $"{format}".ToLowerInvariant()]);
        // What was read from standard input nobody can read again.
        var isFile = !manifest.Contains("-");
        return new(new VrrpProgram(command, directory, socket), c => OwnPart.Is(c, node, Environment.MachineName), mayStart && isFile);
    }

    static int Run(Workplace workplace, PlanSettings settings, ParseResult parsed, string? node, bool mayStart, LogLevel? level, LogFormat? format, CancellationToken stop)
    {
        var cluster = ManifestInput.Read(parsed, settings.Manifest);
        var store = settings.Store(parsed, cluster, workplace.Clock);
        var given = settings.StateDirectoryGiven(parsed);
        var places = OwnPlaces.Of(given);
        if (places.Objection(cluster, given is not null) is { } objection) throw new ManifestException(ExitCode.ManifestInvalid, objection);
        // A verb that looks whether a director is at work holds its lock for the moment of looking.
        using var only = Try(store.TryBeDaemon, Tries, workplace.Clock) ?? throw new StateException(StateProblem.Locked, $"another lvsctl run is at work with {store.Directory}");
        using var herald = Try(store.TryBeHerald, HeraldTries, workplace.Clock) ?? throw new StateException(StateProblem.Locked, $"another lvsctl writes to the journal in {store.Directory} and does not make way: look for it ('fuser {store.Directory}/events.lock')");
        using var log = DirectorLog.Open(cluster.Log, parsed.InvocationConfiguration.Error, level, format);
        using var manager = ServiceManager.FromEnvironment();
        var paths = parsed.GetRequiredValue(settings.Manifest);
        var host = new DirectorHost(paths, Read, workplace.OpenKernel, workplace.Settings, workplace.Clock)
        {
            Vrrp = Surroundings(cluster, paths, store.Directory, node, mayStart, level, format),
        };
        using var service = new DirectorService(cluster, host, store, log, manager);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            service.RequestReload();
        });
        service.Run(stop);
        return (int)ExitCode.Done;

        ManifestReading Read()
        {
            var result = ManifestReader.Read(paths);
            return result.Cluster is { } read && places.Objection(read, given is not null) is { } reason ? new(null, reason) : new(result.Cluster, string.Join("; ", result.Errors));
        }
    }
}
