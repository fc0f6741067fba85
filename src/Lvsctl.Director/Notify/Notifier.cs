using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Linux.Processes;

namespace Lvsctl.Director.Notify;

/// <summary>
/// Tells people and machines what happens, as the manifest's <c>notify</c> wants it. Each target has a worker of its own, so that none waits
/// for another, and the director for none of them.
/// </summary>
public sealed class Notifier : IDisposable
{
    /// <summary>For the last events when all is about to end, and for what is under way to a target that is changed.</summary>
    static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    readonly EventJournal _journal;
    readonly string _directory;
    readonly Announcer _announcer;
    readonly TimeProvider _clock;
    readonly Func<NotifySpec, Deliverer> _make;
    readonly Lazy<ProgramSpawner> _spawner = new(static () => new());
    readonly Lock _one = new();
    Dictionary<string, NotifyWorker> _workers = [];
    ClusterSpec _cluster = new();
    Task _adopted = Task.CompletedTask;
    bool _isStopped;

    /// <param name="stateDirectory">How far each target has been told is kept in its <c>notify</c>.</param>
    public Notifier(EventJournal journal, string stateDirectory, Announcer announcer, TimeProvider clock)
        : this(journal, stateDirectory, announcer, clock, null)
    {
    }

    internal Notifier(EventJournal journal, string stateDirectory, Announcer announcer, TimeProvider clock, Func<NotifySpec, Deliverer>? make)
    {
        (_journal, _announcer, _clock) = (journal, announcer, clock);
        _directory = Path.Combine(stateDirectory, "notify");
        _make = make ?? Make;
    }

    /// <summary>Of each target, in the manifest's order. For any thread.</summary>
    public IReadOnlyList<NotifyStatus> Status
    {
        get
        {
            List<NotifyWorker> workers;
            lock (_one) workers = [.. NotifyIdentity.Of(_cluster.Notify).Select(t => _workers.GetValueOrDefault(t.Key)).OfType<NotifyWorker>()];
            return [.. workers.Select(w => w.Status)];
        }
    }

    /// <summary>
    /// From any thread, and at once: tells whom this cluster wants to be told. Targets that stay go on undisturbed; a new one hears what happens
    /// from now on.
    /// </summary>
    public void Configure(ClusterSpec cluster)
    {
        lock (_one)
        {
            if (_isStopped) return;
            _cluster = cluster;
            _adopted = AdoptAsync(_adopted, NotifyIdentity.Of(cluster.Notify), _journal.LastId);
        }
    }

    /// <summary>All that was configured is in force.</summary>
    internal Task Adopted
    {
        get
        {
            lock (_one) return _adopted;
        }
    }

    async Task AdoptAsync(Task before, IReadOnlyList<NotifyIdentity> targets, long end)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var wanted = targets.ToDictionary(t => t.Key);
        // What a target has not been told yet is told by its new worker, from where the old one was.
        await Task.WhenAll(_workers.Values.Where(w => !wanted.TryGetValue(w.Target.Key, out var target) || target.Spec != w.Target.Spec).Select(w => EndAsync(w, isGone: !wanted.ContainsKey(w.Target.Key)))).ConfigureAwait(false);
        NotifyCursor.Keep(_directory, wanted.Keys.ToHashSet());
        var workers = new Dictionary<string, NotifyWorker>();
        foreach (var target in targets)
        {
            if (_workers.TryGetValue(target.Key, out var worker) && worker.Target.Spec == target.Spec) worker.Target = target;
            else worker = new NotifyWorker(target, _make(target.Spec), NotifyCursor.Open(_directory, target.Key, _journal, end), _journal, _announcer, _clock);
            workers[target.Key] = worker;
        }
        lock (_one) _workers = workers;
    }

    async Task EndAsync(NotifyWorker worker, bool isGone)
    {
        await worker.StopAsync(s_farewell).ConfigureAwait(false);
        if (isGone && worker.Status.Waiting is > 0 and var waiting) _announcer.Tell(DirectorEvents.NotifyGivenUp(worker.Target.Label, waiting, "it is not in the manifest any more"));
        worker.Dispose();
    }

    Deliverer Make(NotifySpec spec) => spec.Target switch
    {
        NotifyTarget.Exec exec => new ExecDeliverer(exec, () => _cluster, _spawner.Value, _clock),
        NotifyTarget.Email mail => new EmailDeliverer(mail, () => _cluster.Name, _clock),
        NotifyTarget.Webhook hook => new WebhookDeliverer(hook, _clock),
        _ => throw new ArgumentOutOfRangeException(nameof(spec)),
    };

    /// <summary>Gives the last events a few seconds; what is left is told after the next start.</summary>
    public async Task StopAsync()
    {
        Task adopted;
        lock (_one)
        {
            _isStopped = true;
            adopted = _adopted;
        }
        await adopted.ConfigureAwait(false);
        await Task.WhenAll(_workers.Values.Select(w => EndAsync(w, isGone: false))).ConfigureAwait(false);
        lock (_one) _workers = [];
    }

    public void Dispose()
    {
        StopAsync().GetAwaiter().GetResult();
        if (_spawner.IsValueCreated) _spawner.Value.Dispose();
    }
}
