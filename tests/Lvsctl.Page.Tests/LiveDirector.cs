using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Metrics;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.Running;
using Lvsctl.Director.State;
using Lvsctl.Director.Vrrp;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Sysctls;
using Lvsctl.Testing;

namespace Lvsctl.Page.Tests;

/// <summary>The daemon as it is, with real probes over loopback; only the kernel's table is a fake.</summary>
public sealed class LiveDirector : IDisposable
{
    public static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-page-").FullName;
    readonly DirectorLog _log;
    readonly CancellationTokenSource _stop = new();
    readonly Thread _thread;
    readonly ServiceManager _manager = new(null, null);
    ManifestReading _manifest;

    public LiveDirector(ClusterSpec cluster, MetricsSpec? metrics = null, Action<FakeKernel>? prepare = null, VrrpSurroundings? vrrp = null)
    {
        prepare?.Invoke(Kernel);
        _manifest = new(cluster with { Metrics = metrics ?? new MetricsSpec { Listen = AnyPort } }, "");
        _log = DirectorLog.Open(new LogSpec(), TextWriter.Null);
        Journal = new EventJournal(Path.Combine(_folder, "events"), DaemonSpec.DefaultJournalSize, TimeProvider.System);
        Announcer = new Announcer(Journal, _log, TimeProvider.System);
        var manifest = Path.Combine(_folder, "cluster.yaml");
        File.WriteAllText(manifest, "services: {}");
        Host = new DirectorHost([manifest], () => _manifest, () => new IpvsClient(Kernel.Connect()), new KernelSettings(_folder), TimeProvider.System) { Vrrp = vrrp };
        var store = new StateStore(_folder, TimeProvider.System);
        Director = new RunningDirector(_manifest.Cluster!, Host, store, new HealthStore(_folder), Announcer, _manager);
        Metrics = new MetricsServer(_manifest.Cluster!.Metrics, Director, Announcer, Host, () => Notifications);
        Director.Adopted += adopted => Metrics.Configure(adopted.Metrics);
        _thread = new Thread(() => Director.Run(_stop.Token)) { Name = "director" };
        _thread.Start();
    }

    public FakeKernel Kernel { get; } = new();

    public EventJournal Journal { get; }

    public Announcer Announcer { get; }

    public DirectorHost Host { get; }

    public RunningDirector Director { get; }

    public MetricsServer Metrics { get; }

    public IReadOnlyList<NotificationSample> Notifications { get; set; } = [];

    /// <summary>Where the metrics are, with a slash at the end.</summary>
    public async Task<Uri> AtAsync()
    {
        await UntilAsync(() => Metrics.At is not null, "nobody listens");
        return new Uri($"http://{Metrics.At}/");
    }

    public async Task<ReloadResult> ReloadAsync(ClusterSpec? cluster, MetricsSpec? metrics = null)
    {
        _manifest = cluster is null
            ? new(null, "cluster.yaml:1:1: it is broken")
            : new(cluster with { Metrics = metrics ?? new MetricsSpec { Listen = AnyPort } }, "");
        return await Director.ReloadAsync();
    }

    public async Task WishAsync(Intent intent)
    {
        var result = await Director.SetIntentsAsync(intents => [.. intents, intent], _ => true, new ApplyOptions(PlanOptions.Default, SafetyLimits.Default, Force: false), "root");
        Assert.NotNull(result.Applied?.Report);
    }

    /// <summary>As if clients came.</summary>
    public void Connect(string server, uint active, TrafficStatistics statistics = default)
    {
        lock (Kernel.Services)
        {
            foreach (var service in Kernel.Services)
            {
                var place = service.Servers.FindIndex(s => s.Server.Key.ToString() == server);
                if (place >= 0) service.Servers[place] = service.Servers[place] with { ActiveConnections = active, Statistics = statistics };
            }
        }
    }

    /// <summary>Until the journal tells it.</summary>
    public async Task ToldAsync(string words)
    {
        using var reader = Journal.Read(0);
        using var enough = new CancellationTokenSource(Patience);
        var told = new List<string>();
        try
        {
            while (true)
            {
                while (reader.TryRead(out var entry))
                {
                    if (entry.Event.Text.Contains(words, StringComparison.Ordinal)) return;
                    told.Add(entry.Event.Text);
                }
                await Journal.WaitAsync(reader.Position, enough.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"waited for '{words}' after\n{string.Join('\n', told)}");
        }
    }

    public static async Task UntilAsync(Func<bool> isSo, string otherwise)
    {
        for (var left = Patience; !isSo(); left -= TimeSpan.FromMilliseconds(20))
        {
            Assert.True(left > TimeSpan.Zero, otherwise);
            await Task.Delay(20);
        }
    }

    public void Stop()
    {
        _stop.Cancel();
        _thread.Join();
    }

    public void Dispose()
    {
        Stop();
        Metrics.Dispose();
        Director.Dispose();
        Journal.Dispose();
        _manager.Dispose();
        _log.Dispose();
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
