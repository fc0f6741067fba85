using System.Net;
using System.Net.Sockets;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Core.Model;
using Lvsctl.Director.Probing;

namespace Lvsctl.Director.Tests.Probing.Engine;

/// <summary>Schedule, engine and monitor together, over virtual minutes with real servers.</summary>
public sealed class EngineRunnerTests : IDisposable
{
    static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    readonly EngineRig _rig = new();
    readonly List<HealthChange> _changes = [];

    public void Dispose() => _rig.Dispose();

    ProbeRunner Runner(ProbeSpec probe, IPEndPoint at, Func<CheckSpec, CheckSpec>? with = null)
    {
        var check = new CheckSpec("check", probe) { Every = TimeSpan.FromSeconds(1), Rise = 2, Fall = 3, Port = (ushort)at.Port };
        var service = new ServiceSpec("web")
        {
            Listen = [ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("192.0.2.1"), 80)],
            Check = with?.Invoke(check) ?? check,
            Servers = [new ServerSpec("rs1", at.Address)],
        };
        var monitor = new HealthMonitor(ProbePlan.Of(new ClusterSpec { Services = [service] }), null, [], _rig.Engine.Now, _rig.Clock.GetUtcNow());
        return new(_rig.Engine, monitor);
    }

    void Seen(int target, in ProbeOutcome outcome, HealthChange? change)
    {
        if (change is not null) _changes.Add(change);
    }

    void Pass(ProbeRunner runner, double seconds, Action? eachTick = null)
    {
        for (var end = _rig.Clock.Elapsed + TimeSpan.FromSeconds(seconds); _rig.Clock.Elapsed < end; _rig.Clock.Advance(s_tick))
        {
            runner.Pump(TimeSpan.Zero, Seen);
            // What can end without time passing does, however slow this machine is.
            while (eachTick is null && _rig.Engine.Pending > 0) runner.Pump(s_tick, Seen);
            eachTick?.Invoke();
        }
    }

    [Fact]
    public void A_server_comes_in_by_its_rise_and_goes_by_its_fall()
    {
        var listener = LoopbackServer.Listen();
        var at = (IPEndPoint)listener.LocalEndPoint!;
        var runner = Runner(new ProbeSpec.Tcp(), at);

        // Its place in the second may be anywhere, as its port may be any.
        Pass(runner, 0.9);
        Assert.Empty(_changes);
        Pass(runner, 1.2);
        Assert.Equal(HealthState.Up, Assert.Single(_changes).Change.To);

        listener.Dispose();
        Pass(runner, 1.9);
        Assert.Single(_changes);
        Pass(runner, 1.2);
        Assert.Equal((HealthState.Down, ProbeReason.Refused), (_changes[1].Change.To, _changes[1].Outcome.Reason));
    }

    [Fact]
    public void How_late_probes_were_is_known_for_some_seconds()
    {
        using var listener = LoopbackServer.Listen();
        var runner = Runner(new ProbeSpec.Tcp(), (IPEndPoint)listener.LocalEndPoint!);
        Pass(runner, 5);
        Assert.InRange(runner.Late, TimeSpan.Zero, s_tick);

        // Nobody pumps it.
        _rig.Clock.Advance(TimeSpan.FromSeconds(4));
        Pass(runner, 1);
        Assert.InRange(runner.Late, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(4.1));

        Pass(runner, 12);
        Assert.InRange(runner.Late, TimeSpan.Zero, s_tick);
    }

    [Fact]
    public void A_server_that_hangs_longer_than_its_interval_is_asked_once_at_a_time()
    {
        using var listener = LoopbackServer.Listen();
        var accepted = new List<Socket>();
        var runner = Runner(new ProbeSpec.Http(), (IPEndPoint)listener.LocalEndPoint!, c => c with { Timeout = TimeSpan.FromSeconds(2.5) });

        Pass(runner, 30, () =>
        {
            for (; listener.Poll(0, SelectMode.SelectRead); accepted.Add(listener.Accept()))
            {
                // Before the next one comes, the last one has hung up.
                if (accepted.Count > 0) Assert.Equal(0, Drained(accepted[^1]));
            }
        });
        // It misses the turns that pass meanwhile: one each 3 seconds is left.
        Assert.InRange(accepted.Count, 10, 11);
        Assert.Equal(HealthState.Down, Assert.Single(_changes).Change.To);
        accepted.ForEach(a => a.Dispose());
    }

    static int Drained(Socket socket)
    {
        var buffer = new byte[4096];
        socket.ReceiveTimeout = 10_000;
        int count;
        while ((count = socket.Receive(buffer)) > 0)
        {
        }
        return count;
    }

    [Fact]
    public void What_cannot_be_probed_is_tried_on_and_turns_nothing()
    {
        var runner = Runner(new ProbeSpec.Exec(["/nowhere/check"]), new(IPAddress.Loopback, 1), c => c with { Start = StartState.Up });
        Pass(runner, 10);
        Assert.Empty(_changes);
        Assert.InRange(runner.Ended, 9, 10);
    }
}
