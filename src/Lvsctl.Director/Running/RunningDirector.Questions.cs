using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Director.Running;

/// <param name="Refused">Why the old manifest stays in force; null: the new one is.</param>
/// <param name="Kept">Probes that went on undisturbed.</param>
public sealed record ReloadResult(string? Refused, int Kept, int Added, int Gone)
{
    /// <summary>Why nothing of it but health changes the table yet; null: it does.</summary>
    public string? Waits { get; init; }
}

/// <param name="Applied">What came of it; null where another lvsctl is at work with the table.</param>
public sealed record IntentResult(ApplyResult? Applied);

// What other threads ask of the director's.
public sealed partial class RunningDirector
{
    readonly Lock _questions = new();
    readonly HashSet<TaskCompletionSource> _asked = [];
    Task<ReloadResult>? _reload;
    bool _isClosed;

    /// <summary>Another manifest is in force. Called on the director's thread: whoever listens takes no time.</summary>
    public event Action<ClusterSpec>? Adopted;

    /// <summary>From any thread: has this done on the director's thread, between two of its turns.</summary>
    /// <exception cref="OperationCanceledException">The director stops.</exception>
    public async Task<T> Ask<T>(Func<T> question)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_questions)
        {
            if (_isClosed) throw new OperationCanceledException("the director stops");
            _asked.Add(answered);
        }
        T answer = default!;
        _engine.Invoke(() =>
        {
            try
            {
                answer = question();
                answered.TrySetResult();
            }
            catch (Exception e)
            {
                answered.TrySetException(e);
            }
            finally
            {
                lock (_questions) _asked.Remove(answered);
            }
        });
        await answered.Task.ConfigureAwait(false);
        return answer;
    }

    void RefuseQuestions()
    {
        lock (_questions)
        {
            _isClosed = true;
            foreach (var asked in _asked) asked.TrySetCanceled();
            _asked.Clear();
        }
    }

    /// <summary>From any thread.</summary>
    public Task<DirectorView> ViewAsync() => Ask(View);

    DirectorView View()
    {
        var plan = Monitor.Plan;
        var trackers = new HealthTracker[plan.Targets.Count];
        for (var i = 0; i < trackers.Length; i++) trackers[i] = Monitor[i];
        var states = new IReadOnlyList<HealthState>[plan.Services.Count];
        var services = new ServiceStatus[plan.Services.Count];
        for (var s = 0; s < states.Length; s++)
        {
            var servers = new HealthState[plan.Services[s].Servers.Count];
            for (var i = 0; i < servers.Length; i++) servers[i] = Monitor.StateOf(new(s, i));
            (states[s], services[s]) = (servers, Monitor.StatusOf(s));
        }
        return new(_regime.Cluster, _regime.Facts, plan, trackers, states, services, _keeper.Last, _store.ReadOrLast(), _counters.Copy(), _engine.Now, _host.Clock.GetUtcNow())
        {
            Started = _started,
            Trouble = _keeper.Trouble,
            Waits = _keeper.Waits,
            IsBehind = _isDirty,
            Pending = _engine.Pending,
            ProbesLate = _runner.Late,
        };
    }

    /// <summary>From any thread: why a reload would refuse the manifest as it is on disk now; null: it would not. Changes nothing.</summary>
    public string? Objection()
    {
        var (cluster, trouble) = _host.ReadManifest();
        return cluster is null ? trouble : null;
    }

    /// <summary>From any thread: read the manifest again. Whoever asks while that is under way gets the answer of a later reading.</summary>
    public void RequestReload() => _ = ReloadAsync();

    /// <summary>From any thread.</summary>
    public Task<ReloadResult> ReloadAsync()
    {
        lock (_questions)
        {
            // One after the other; the one that waits already reads what is there then.
            var before = _reload ?? Task.CompletedTask;
            return _reload = ReloadAfterAsync(before);
        }
    }

    async Task<ReloadResult> ReloadAfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        var stamp = ManifestPrint.Stamp(_host.ManifestPaths);
        var (cluster, trouble) = _host.ReadManifest();
        var next = cluster is null ? null : Regime.Of(cluster, _host.ManifestPaths, _host.Clock.GetUtcNow());
        return await Ask(() =>
        {
            _stamp = stamp;
            return next is null ? Refuse(trouble) : Adopt(next);
        }).ConfigureAwait(false);
    }

    ReloadResult Refuse(string why)
    {
        _counters.ReloadsRefused++;
        _regime = _regime with { Facts = _regime.Facts with { Refused = why } };
        _announcer.Tell(DirectorEvents.ReloadRefused(why));
        return new(why, 0, 0, 0);
    }

    ReloadResult Adopt(Regime next)
    {
        var now = _engine.Now;
        var wall = _host.Clock.GetUtcNow();
        IReadOnlyList<ObservedPool> observed;
        try
        {
            observed = _keeper.ReadRecent();
        }
        catch (Exception e) when (TableKeeper.IsTrouble(e))
        {
            return Refuse(e.Message);
        }
        var monitor = Monitor.GoOn(next.Plan, observed, now, wall);
        _regime = next;
        _reconciler = null;
        _engine.Configure(Settings(next, _keeper.ServicesThere() is { } there ? MarksIn(next.Plan, there) : ProbePaths.Marks(next.Plan, observed)));
        var (kept, added, gone) = _runner.Reload(monitor);
        _news.Forget();
        _keeper.Forget();
        _counters.Keep(next.Cluster);
        _counters.ReloadsDone++;
        _announcer.Tell(DirectorEvents.Reloaded(kept, added, gone));
        Adopted?.Invoke(next.Cluster);
        _isDirty = _isAwaited = true;
        _earliestPass = TimeSpan.Zero;
        _recent = observed;
        return new(null, kept, added, gone) { Waits = _keeper.Waits };
    }

    /// <summary>
    /// From any thread: replaces the operators' intents and carries out at once what that means for the servers they are about. Where the
    /// gate refuses, the old intents stay.
    /// </summary>
    /// <param name="wish">Makes the new intents of those in force.</param>
    /// <param name="concerns">Steps that may be carried out now.</param>
    /// <param name="who">For the journal.</param>
    public Task<IntentResult> SetIntentsAsync(Func<IReadOnlyList<Intent>, IReadOnlyList<Intent>> wish, Func<PlanStep, bool> concerns, ApplyOptions options, string who) => Ask(() =>
    {
        if (!_keeper.TryWith(kernel => Wish(kernel, wish, concerns, options, who), out var applied)) return new IntentResult(null);
        _isDirty = _isAwaited = true;
        return new IntentResult(applied);
    });

    ApplyResult Wish(IpvsClient kernel, Func<IReadOnlyList<Intent>, IReadOnlyList<Intent>> wish, Func<PlanStep, bool> concerns, ApplyOptions options, string who)
    {
        var before = _store.Read().Intents;
        var after = wish(before);
        var applied = ReconcilerOf(kernel).Apply(_regime.Manifest, options, after, concerns, CancellationToken.None, recent: _keeper.ReadRecent());
        if (applied.Report is not { } report) return applied;
        foreach (var intent in after.Except(before)) _announcer.Tell(DirectorEvents.Asked(intent, who));
        foreach (var intent in before.Except(after).Where(b => !after.Any(a => a.Kind == b.Kind && a.Server == b.Server))) _announcer.Tell(DirectorEvents.TakenBack(intent.Service, intent.Server, who));
        _keeper.Tell(_serviceChanges);
        _keeper.Tell(report);
        _keeper.Learn(kernel, applied.Planned.Desired, report);
        return applied;
    }

    /// <summary>From any thread: the manifest in force.</summary>
    public Task<ClusterSpec> ClusterAsync() => Ask(() => _regime.Cluster);
}
