using System.Diagnostics;
using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Director.Probing;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Probing.Engine;

/// <summary>An engine whose probes are real and whose time is not: a time-out comes when it is told to, and never because a machine is slow.</summary>
sealed class EngineRig : IDisposable
{
    // A test that waits for longer has found a hang.
    static readonly TimeSpan s_hang = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan Timeout = CheckSpec.DefaultTimeout;

    public EngineRig(ProbeSettings? settings = null, TimeProvider? clock = null)
    {
        settings ??= new ProbeSettings();
        // Only root can run programs as somebody else.
        Engine = new(Environment.IsPrivilegedProcess ? settings : settings with { ProbeUser = Environment.UserName }, clock ?? Clock);
    }

    public ManualClock Clock { get; } = new();

    public ProbeEngine Engine { get; }

    public void Dispose() => Engine.Dispose();

    public static ProbeTarget Target(ProbeSpec probe, IPEndPoint at, Func<CheckSpec, CheckSpec>? with = null)
    {
        var check = new CheckSpec("check", probe);
        return new(with?.Invoke(check) ?? check, at.Address, (ushort)at.Port);
    }

    public int Start(ProbeSpec probe, IPEndPoint at, Func<CheckSpec, CheckSpec>? with = null)
    {
        var number = Engine.Add(Target(probe, at, with));
        Engine.Start(number);
        return number;
    }

    public ProbeOutcome Ask(ProbeSpec probe, IPEndPoint at, Func<CheckSpec, CheckSpec>? with = null) => Await(Start(probe, at, with));

    public ProbeOutcome Ask(int number)
    {
        Engine.Start(number);
        return Await(number);
    }

    public ProbeOutcome Await(int number)
    {
        var ended = Next();
        Assert.Equal(number, ended.Number);
        Assert.True(ended.Outcome.Detail is null or { Length: <= 200 }, ended.Outcome.Detail);
        return ended.Outcome;
    }

    public EndedProbe Next()
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (Engine.TryTakeEnded(out var ended)) return ended;
            Assert.True(Stopwatch.GetElapsedTime(began) < s_hang, "the probe does not end");
            Engine.Pump(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>All there is to do without time passing.</summary>
    public void Settle() => Engine.Pump(TimeSpan.Zero);

    public ProbeOutcome TimeOut(int number)
    {
        Settle();
        Assert.False(Engine.TryTakeEnded(out var early), $"it ended before its time: {early}");
        Pass(Timeout);
        return Await(number);
    }

    /// <summary>Time passes in steps: an engine that cannot look for so long is held up, which is no server's fault.</summary>
    public void Pass(TimeSpan time)
    {
        const int Steps = 40;
        for (var step = 0; step < Steps; step++)
        {
            Clock.Advance(time / Steps);
            Settle();
        }
    }
}
