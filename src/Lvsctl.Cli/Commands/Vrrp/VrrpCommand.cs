using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;
using Lvsctl.Director.Control;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Running;
using Lvsctl.Director.State;
using Lvsctl.Director.Vrrp;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands.Vrrp;

/// <summary>The VRRP process, in the foreground as <c>lvsctl run</c> is, and what it can be asked.</summary>
static class VrrpCommand
{
    public const string KeptOption = "--kept";
    static readonly TimeSpan s_stopPause = TimeSpan.FromMilliseconds(50);

    // Longer than it ever takes: somebody has started another one.
    static readonly TimeSpan s_longestStop = TimeSpan.FromSeconds(40);

    public static Command Create(Workplace workplace)
    {
        var settings = new PlanSettings();
        var socket = SocketOption();
        var node = NodeOption();
        var level = new Option<LogLevel?>("--log-level") { Description = "error, warning, info or debug; overrides the manifest" };
        var format = new Option<LogFormat?>("--log-format") { Description = "text, json, or journal for systemd; overrides the manifest" };
        // Says who started it, so that a later director knows whose it is.
        var kept = new Option<bool>(KeptOption) { Hidden = true };
        var command = new Command("vrrp", OwnVerbs.Vrrp)
        {
            settings.Manifest, settings.StateDirectory, socket, node, level, format, kept,
            Status(), Failover(workplace.Clock), Resume(), Reload(), Stop(workplace.Clock),
        };
        // A thread of its own, which becomes a real-time one.
        command.SetAction((parsed, stop) => Task.Factory.StartNew(
            () => Run(workplace, settings, parsed, parsed.GetValue(socket), parsed.GetValue(node), parsed.GetValue(level), parsed.GetValue(format), parsed.GetValue(kept), stop),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        return command;
    }

    public static Option<string?> NodeOption() => new("--node") { Description = "Which director of the manifest this is (default: the one whose host has this host's name)", HelpName = "NAME" };

    static Option<string?> SocketOption() => new("--socket")
    {
        Description = "Where 'lvsctl vrrp' listens (default: vrrp.sock beside the manifest's control.socket)",
        HelpName = "PATH",
        Validators = { static result => { if (result.Tokens is [{ Value: "" }]) result.AddError("--socket is a path, not nothing"); } },
    };

    static int Run(Workplace workplace, PlanSettings settings, ParseResult parsed, string? socket, string? node, LogLevel? level, LogFormat? format, bool isKept, CancellationToken stop)
    {
        var cluster = ManifestInput.Read(parsed, settings.Manifest);
        var given = settings.StateDirectoryGiven(parsed);
        var places = OwnPlaces.Of(given);
        if (places.Objection(cluster, given is not null) is { } objection) throw new ManifestException(ExitCode.ManifestInvalid, objection);
        var directory = given ?? cluster.Daemon.StateDirectory;
        using var only = VrrpLock.Take(directory, isKept, workplace.Clock);
        var paths = parsed.GetRequiredValue(settings.Manifest);
        using var log = DirectorLog.Open(cluster.Log with { Level = level ?? cluster.Log.Level, Format = format ?? cluster.Log.Format, File = null }, parsed.InvocationConfiguration.Error);
        using var manager = ServiceManager.FromEnvironment();
        // A journal of its own beside the director's: it must be written whether there is a director or not.
        using var journal = new EventJournal(JournalIntake.SourceIn(directory), cluster.Daemon.JournalSize, workplace.Clock);
        var host = new VrrpHost(Read, node, Environment.MachineName, directory, socket ?? VrrpClient.Beside(cluster.Control.Socket),
            new Announcer(journal, log, workplace.Clock), workplace.OpenKernel, manager, workplace.Clock);
        // Ends after the process, whose last words it tells too.
        using var standIn = new VrrpStandIn(cluster, new StateStore(directory, workplace.Clock), log, workplace.Clock);
        using var process = new VrrpProcess(cluster, host);
        process.Adopted += standIn.Configure;
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            process.RequestReload();
        });
        process.Run(stop);
        only.TellEnd();
        return (int)ExitCode.Done;

        ManifestReading Read()
        {
            var result = ManifestReader.Read(paths);
            return result.Cluster is { } read && places.Objection(read, given is not null) is { } reason ? new(null, reason) : new(result.Cluster, string.Join("; ", result.Errors));
        }
    }

    static Command Status()
    {
        var way = new VrrpWay();
        var json = new Option<bool>("--json") { Description = "For programs" };
        var command = new Command("status", "Shows the virtual routers of this host: state, priority as a sum, timers, peers, counters") { json };
        way.AddTo(command);
        command.SetAction(parsed =>
        {
            var status = VrrpClient.Status(way.Find(parsed));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) output.WriteLine(JsonSerializer.Serialize(status, VrrpJson.Readable.VrrpStatusDocument));
            else VrrpStatusText.Write(output, status);
            return (int)ExitCode.Done;
        });
        return command;
    }

    static Command Failover(TimeProvider clock)
    {
        var way = new VrrpWay();
        var router = RouterArgument();
        var hold = PlanSettings.DurationOption("--hold", "How long this host stands back afterwards, whatever its priority (default 10m); 0s: until 'lvsctl vrrp resume'");
        var command = new Command("failover", "Hands the mastership over to another router, without a gap") { router, hold };
        way.AddTo(command);
        command.SetAction(parsed =>
        {
            var path = way.Find(parsed);
            var time = parsed.GetValue(hold) ?? Election.DefaultHold;
            var names = VrrpClient.Ask(path, VrrpQuestions.Failover(time == TimeSpan.Zero ? null : time, parsed.GetValue(router))).Split('\n');
            return HandOverWatch.Run(path, names, parsed.InvocationConfiguration, clock);
        });
        return command;
    }

    static Command Resume()
    {
        var way = new VrrpWay();
        var router = RouterArgument();
        var command = new Command("resume", "After a failover: this host's priority counts again at once") { router };
        way.AddTo(command);
        command.SetAction(parsed =>
        {
            VrrpClient.Ask(way.Find(parsed), VrrpQuestions.Resume(parsed.GetValue(router)));
            return (int)ExitCode.Done;
        });
        return command;
    }

    static Command Reload()
    {
        var way = new VrrpWay();
        var command = new Command("reload", "Has 'lvsctl vrrp' read its manifest again, as SIGHUP does; one with mistakes is refused");
        way.AddTo(command);
        command.SetAction(parsed =>
        {
            VrrpClient.Ask(way.Find(parsed), VrrpQuestions.Reload);
            parsed.InvocationConfiguration.Output.WriteLine("Reloaded.");
            return (int)ExitCode.Done;
        });
        return command;
    }

    static Command Stop(TimeProvider clock)
    {
        var way = new VrrpWay();
        var command = new Command("stop", "Ends 'lvsctl vrrp': a master hands over first. Where 'lvsctl run' had started it, that starts it again at its own next start or reload only");
        way.AddTo(command);
        command.SetAction(parsed =>
        {
            var path = way.Find(parsed);
            VrrpClient.Ask(path, VrrpQuestions.Stop);
            for (var waited = TimeSpan.Zero; VrrpClient.IsAnswered(path); waited += s_stopPause)
            {
                if (waited > s_longestStop) throw new ControlException($"somebody answers at {path} still: whoever started it has started it again, and has to stop it");
                clock.Pause(s_stopPause);
            }
            parsed.InvocationConfiguration.Output.WriteLine("Stopped.");
            return (int)ExitCode.Done;
        });
        return command;
    }

    static Argument<string?> RouterArgument() => new("router") { Description = "The manifest's name of a virtual router (default: all)", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Where a running lvsctl vrrp is asked.</summary>
    sealed class VrrpWay
    {
        readonly Option<string[]> _manifest = ManifestOption.Create();
        readonly Option<string?> _socket = SocketOption();

        public void AddTo(Command command)
        {
            command.Options.Add(_manifest);
            command.Options.Add(_socket);
        }

        // A manifest with mistakes, or none, is no reason not to look.
        public string Find(ParseResult parsed) => parsed.GetValue(_socket)
            ?? VrrpClient.Beside(ManifestReader.Read(parsed.GetRequiredValue(_manifest)).Cluster?.Control.Socket ?? ControlSpec.DefaultSocket);
    }
}
