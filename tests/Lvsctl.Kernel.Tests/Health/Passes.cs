using System.Diagnostics;
using Lvsctl.Core.Model;
using Lvsctl.Kernel.Tests.Lab;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Kernel.Tests.Health;

/// <summary>One run of <c>lvsctl check</c>, and what was in the kernel's table after it.</summary>
sealed record Pass(TimeSpan Began, TimeSpan Ended, Command.Result Result, HashSet<(ServiceKey Service, System.Net.IPAddress Server)> Table);

/// <summary>Calls <c>lvsctl check</c> again and again, as cron does, but more often.</summary>
sealed class Passes
{
    readonly TimeSpan _interval;
    readonly string[] _arguments;
    readonly List<Pass> _all = [];
    readonly Thread _thread;
    volatile bool _stopped;

    public Passes(LabHost director, Stopwatch clock, TimeSpan interval, params string[] arguments)
    {
        (_interval, _arguments) = (interval, arguments);
        _thread = director.Start(() => Repeat(clock));
    }

    public IReadOnlyList<Pass> All
    {
        get
        {
            lock (_all) return [.. _all];
        }
    }

    public void Stop()
    {
        _stopped = true;
        _thread.Join();
    }

    void Repeat(Stopwatch clock)
    {
        using var kernel = IpvsClient.Open();
        var next = clock.Elapsed;
        while (!_stopped)
        {
            if (next - clock.Elapsed is { Ticks: > 0 } pause) Thread.Sleep(pause);
            var began = clock.Elapsed;
            next = began + _interval;
            var result = Command.Run(Lab.Program.Path, ["check", "-v", .. _arguments]);
            var table = kernel.ReadTableOnce().SelectMany(p => p.Servers.Select(s => (p.Service.Service.Key, s.Server.Key.Address))).ToHashSet();
            lock (_all) _all.Add(new Pass(began, clock.Elapsed, result, table));
        }
    }
}
