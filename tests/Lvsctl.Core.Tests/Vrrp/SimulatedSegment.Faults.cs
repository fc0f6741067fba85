using Lvsctl.Core.Vrrp;

namespace Lvsctl.Core.Tests.Vrrp;

// What goes wrong.
sealed partial class SimulatedSegment
{
    bool _isOver;

    void Chaos()
    {
        if (_isOver) return;
        Faults++;
        var host = _hosts[_random.Next(_hosts.Length)];
        switch (_random.Next(13))
        {
            case 0:
                _loss = _random.Next(3) == 0 ? 0 : _random.NextDouble() * 0.5;
                _duplication = _random.NextDouble() * 0.3;
                Trace($"loss {_loss:0.00}");
                break;
            case 1:
                // Packets overtake each other, and are older than an interval sometimes.
                _delay = _shortest * new[] { 0.125, 0.5, 2 }[_random.Next(3)];
                Trace($"delay {_delay.TotalMilliseconds} ms");
                break;
            case 2:
                Partition();
                break;
            case 3:
                var (from, to) = (_random.Next(_hosts.Length), _random.Next(_hosts.Length));
                _cut[from, to] = true;
                Trace($"cut #{from} to #{to}");
                break;
            case 4:
                Array.Clear(_cut);
                Trace("connected");
                break;
            case 5 or 6 when !host.IsPaused:
                Pause(host);
                break;
            case 7:
                // Ahead only, as after a machine's sleep. The election has one clock, which is monotonic: no step of the wall clock reaches it, and
                // if its own went back nevertheless it would be held (ElectionTests), which is a pause that no mending ends.
                var step = _shortest * (_random.NextDouble() * 8);
                Trace($"#{host.Index} clock ahead {step.TotalMilliseconds} ms");
                host.Ahead += step;
                if (host.Routers is not null && !host.IsPaused) Tick(host);
                break;
            case 8:
                Die(host, _random.Next(2) == 0);
                Later(_longest * (_random.NextDouble() * 10), () => Reboot(host));
                break;
            case 9 when host.Routers is not null && !host.IsPaused:
                StepAll(host, ElectionInput.Stop);
                Later(_longest * (_random.NextDouble() * 10), () => Reboot(host));
                break;
            case 10 when host.Routers is not null && !host.IsPaused:
                if (_random.Next(3) == 0) Step(host, 0, ElectionInput.Resume);
                else Step(host, 0, ElectionInput.HandOver(_longest * (_random.NextDouble() * 20)));
                break;
            case 11 when host.Routers is not null && !host.IsPaused:
                host.Fault = _random.Next(2) == 0 ? RouterFault.None : (RouterFault)_random.Next(1, 4);
                host.Priority = host.Settings[0].Priority == 255 ? (byte)255 : (byte)_random.Next(1, 255);
                host.KnowsFault = false;
                StepAll(host, ElectionInput.Fitness(host.Priority, host.Fault));
                host.KnowsFault = true;
                LookAt(host);
                break;
            case 12 when host.Routers is not null && !host.IsPaused && host.Holds[0]:
                Trace($"#{host.Index} somebody removes the address");
                host.Holds[0] = false;
                Step(host, 0, ElectionInput.AddressLost(0));
                break;
        }
        Disturb();
        Later(_longest * (_random.NextDouble() * 4), Chaos);
    }

    void Partition()
    {
        var side = Enumerable.Range(0, _hosts.Length).Select(_ => _random.Next(2)).ToArray();
        for (var a = 0; a < side.Length; a++)
        {
            for (var b = 0; b < side.Length; b++) _cut[a, b] = side[a] != side[b];
        }
        Trace($"partition {string.Join("", side)}");
    }

    void Pause(SimulatedHost host)
    {
        Trace($"#{host.Index} sleeps");
        host.IsPaused = true;
        Later(_shortest * (_random.NextDouble() * 12), () => WakeUp(host));
    }

    void WakeUp(SimulatedHost host)
    {
        if (!host.IsPaused) return;
        Trace($"#{host.Index} awakes");
        Disturb();
        host.IsPaused = false;
        if (host.Routers is null) return;
        // A loop should read its sockets first, but if it does not, that must not hurt.
        if (_random.Next(4) == 0) Tick(host);
        while (host.Socket.TryDequeue(out var waiting)) Step(host, waiting.Router, waiting.Advert);
        Tick(host);
    }

    void Die(SimulatedHost host, bool wholeMachine)
    {
        Trace($"#{host.Index} {(wholeMachine ? "machine" : "process")} dies");
        host.Routers = null;
        Array.Clear(host.State);
        host.IsPaused = false;
        host.Socket.Clear();
        if (wholeMachine) Array.Clear(host.Holds);
    }

    /// <summary>A new process, unless the old one still runs.</summary>
    void Boot(SimulatedHost host)
    {
        if (host.Routers is not null && host.StateOf(0) != VrrpState.Initialize) return;
        if (host.IsPaused) return;
        Trace($"#{host.Index} boots");
        Array.Clear(host.State);
        host.Routers = new([.. host.Settings.Select(s => (new Election(s), _routers > 1 ? "g" : null))]);
        StepAll(host, ElectionInput.Fitness(host.Priority, host.Fault));
        StepAll(host, ElectionInput.Start);
        Disturb();
    }

    void Reboot(SimulatedHost host)
    {
        // In the end all are started at once, and then no more.
        if (!_isOver) Boot(host);
    }

    void Mend()
    {
        Trace("mended");
        (_loss, _duplication) = (0, 0);
        var late = _delay;
        _delay = _shortest / 8;
        Array.Clear(_cut);
        foreach (var host in _hosts)
        {
            WakeUp(host);
            host.Fault = RouterFault.None;
            if (host.Routers is null || Enumerable.Range(0, _routers).Any(r => host.StateOf(r) is VrrpState.Initialize or VrrpState.Leaving))
            {
                Die(host, wholeMachine: false);
                Boot(host);
            }
            StepAll(host, ElectionInput.Fitness(host.Priority, host.Fault));
            Step(host, 0, ElectionInput.Resume);
        }
        Disturb();
        // What was sent before is still under way.
        _isSettling = true;
        RunUntil(_now + late);
        _isSettling = false;
        Disturb();
    }
}
