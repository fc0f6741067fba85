using System.CommandLine;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Director.Checking;
using Lvsctl.Director.Control;
using Lvsctl.Director.Intents;
using Lvsctl.Director.Reconcile;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

/// <summary>Hands a wish to whoever carries it out, the daemon or this process, tells what became of it, and stays for a drain if asked to.</summary>
sealed class IntentRun : IDisposable
{
    static readonly TimeSpan s_pollInterval = TimeSpan.FromSeconds(1);

    readonly Workplace _workplace;
    readonly ParseResult _parsed;
    readonly DaemonWay? _daemon;
    readonly IpvsClient? _kernel;
    readonly IntentDesk? _desk;

    IntentRun(Workplace workplace, ParseResult parsed, DaemonWay? daemon, IpvsClient? kernel, IntentDesk? desk) =>
        (_workplace, _parsed, _daemon, _kernel, _desk) = (workplace, parsed, daemon, kernel, desk);

    TextWriter Output => _parsed.InvocationConfiguration.Output;

    public static async Task<int> RunAsync(Workplace workplace, PlanSettings settings, ParseResult parsed, IntentRequest request, bool wait, CancellationToken cancellation)
    {
        using var run = await OpenAsync(workplace, settings, parsed, cancellation).ConfigureAwait(false);
        var answer = await run.AskAsync(request, cancellation).ConfigureAwait(false);
        foreach (var note in answer.Notes) run.Output.WriteLine(note);
        run.Tell(answer);
        if (answer.ExitCode == ExitCode.Done && wait && answer.Intent is { Deadline: not null }) return (int)await run.WaitAsync(request, answer, cancellation).ConfigureAwait(false);
        if (answer.Remark is { } remark) run.Output.WriteLine(remark);
        return (int)answer.ExitCode;
    }

    static async Task<IntentRun> OpenAsync(Workplace workplace, PlanSettings settings, ParseResult parsed, CancellationToken cancellation)
    {
        // A manifest that is being written just now keeps nobody from the daemon, which has its own.
        var cluster = ManifestReader.Read(parsed.GetRequiredValue(settings.Manifest)).Cluster;
        if (await DaemonWay.FindAsync(workplace, settings, parsed, cluster, mustBeAsked: true, cancellation).ConfigureAwait(false) is { } daemon) return new(workplace, parsed, daemon, null, null);

        cluster = ManifestInput.Read(parsed, settings.Manifest);
        var manifest = DesiredTableBuilder.Build(cluster);
        var store = settings.Store(parsed, cluster, workplace.Clock);
        var kernel = workplace.OpenKernel();
        var reconciler = new Reconciler(kernel, store, workplace.Clock, KnownHealth.In(store, cluster, workplace.Clock));
        return new(workplace, parsed, null, kernel, new IntentDesk(cluster, store, workplace.Settings, workplace.Clock, async (wish, concerns, options, patience, stop) =>
        {
            using var held = await store.LockAsync(patience, stop).ConfigureAwait(false);
            return reconciler.Apply(manifest, options, wish(store.Read().Intents), concerns, stop);
        }, isDirector: false));
    }

    Task<IntentAnswer> AskAsync(IntentRequest request, CancellationToken cancellation) => _daemon is null
        ? _desk!.AskAsync(request, cancellation)
        : _daemon.Client.PostAsync(OperatorRoutes.Intents, request, IntentJson.Default.IntentRequest, IntentJson.Default.IntentAnswer, cancellation);

    async Task<DrainDocument> LookAsync(IntentRequest request, CancellationToken cancellation) => _daemon is null
        ? _desk!.Drain(_kernel!, request.Server, request.Service)
        : await _daemon.Client.GetAsync(OperatorRoutes.DrainOf(request.Server, request.Service), IntentJson.Default.DrainDocument, cancellation).ConfigureAwait(false);

    void Tell(IntentAnswer answer)
    {
        var error = _parsed.InvocationConfiguration.Error;
        if (answer.Steps.Count > 0) new PlanText(Output, _workplace.Colour).Write(answer);
        if (!answer.Applied) ApplyOutput.Refuse(error, answer.Refusals);
        else ApplyOutput.Finish(Output, error, answer.Done, answer.Failed, answer.NotTried);
    }

    async Task<ExitCode> WaitAsync(IntentRequest request, IntentAnswer answer, CancellationToken cancellation)
    {
        var (mine, deadline) = (answer.Intent!, answer.Intent!.Deadline!.Value);
        DrainDocument? shown = null;
        while (true)
        {
            var state = await LookAsync(request, cancellation).ConfigureAwait(false);
            // Somebody has resumed the server, or asked for another drain: that is not ours to end.
            if (!state.Intents.Contains(mine))
            {
                Output.WriteLine("The drain was taken back.");
                return ExitCode.Done;
            }
            if (state.Text != shown?.Text) Output.WriteLine($"{Left(deadline)} left: {state.Text}");
            var isLate = _workplace.Clock.GetUtcNow() >= deadline;
            if (state.IsDone || isLate)
            {
                var last = await AskAsync(request with { Kind = "finish" }, cancellation).ConfigureAwait(false);
                Tell(last);
                // The daemon is punctual: what it has cut is gone when we look.
                var isCut = !state.IsDone || (isLate && _daemon is not null && shown is { IsDone: false });
                return last.ExitCode == ExitCode.Done && isCut ? ExitCode.DeadlinePassed : last.ExitCode;
            }
            shown = state;
            await Task.Delay(s_pollInterval, _workplace.Clock, cancellation).ConfigureAwait(false);
        }
    }

    string Left(DateTimeOffset deadline)
    {
        var left = deadline - _workplace.Clock.GetUtcNow();
        return Duration.Text(TimeSpan.FromSeconds(Math.Max(0, Math.Round(left.TotalSeconds))));
    }

    public void Dispose()
    {
        _daemon?.Dispose();
        _kernel?.Dispose();
    }
}
