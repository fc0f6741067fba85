using System.Globalization;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Processes;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Probing;

/// <summary>
/// Runs a program, as a user without privileges and without a shell. When its time is over it is killed with all it started. Of its output
/// the beginning is kept as evidence; it is never blocked by saying more.
/// </summary>
sealed class ExecProbe(ProbeEngine engine, int number, ProbeTarget target, ProbeSpec.Exec spec, string user, ProgramSpawner spawner) : Probe(engine, number, target)
{
    const int MostOutput = 200;

    // Exit codes that tell a weight: 2..254 is the weight plus 2, as other checkers have it too, so that 1 can stay a failure.
    const int WeightOffset = 2;
    const int DrainCode = 255;

    readonly bool _saysWeight = target.Check.Weight is { From: WeightSource.Exit };
    readonly byte[] _output = new byte[MostOutput];
    SpawnRequest? _request;
    SpawnedProgram? _program;
    bool _isSpawning;
    bool _outputEnded;
    int _kept;

    public override ProbeOutcome? Start()
    {
        if (_isSpawning) return Outcome(ProbeReason.NoResources, "the program of the probe before this one has not been started yet");
        if (_request is null)
        {
            if (UserIdentity.Find(user) is not { } identity) return Outcome(ProbeReason.NotPossible, $"there is no user '{user}' to run {spec.Command[0]} as");
            _request = new SpawnRequest(spec.Command, Environment(), identity);
        }
        var turn = Turn;
        _kept = 0;
        _isSpawning = true;
        spawner.Spawn(_request, (errno, program) => Engine.Invoke(() => Spawned(turn, errno, program)));
        return null;
    }

    List<string> Environment() =>
    [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG=C",
        $"LVSCTL_CHECK={Target.Check.Name}",
        $"LVSCTL_ADDRESS={Target.Address}",
        $"LVSCTL_PORT={Target.Port.ToString(CultureInfo.InvariantCulture)}",
    ];

    void Spawned(uint turn, Errno errno, SpawnedProgram program)
    {
        _isSpawning = false;
        if (!IsActive || Turn != turn)
        {
            // Too late.
            if (errno == Errno.OK) Bury(program);
            return;
        }
        if (errno != Errno.OK)
        {
            Engine.Post(Number, turn, Outcome(Reason(errno), Explain(errno)));
            return;
        }
        _program = program;
        _outputEnded = false;
        Engine.Poller.Add(program.Watch, PollEvents.Readable, Token);
        Engine.Poller.Add(program.Output, PollEvents.Readable, Token);
    }

    static ProbeReason Reason(Errno errno) => errno is Errno.EAGAIN or Errno.ENOMEM or Errno.EMFILE or Errno.ENFILE ? ProbeReason.NoResources : ProbeReason.NotPossible;

    string Explain(Errno errno) => errno switch
    {
        Errno.ENOENT => $"{spec.Command[0]} is not there, or its interpreter is not",
        Errno.EACCES => $"{user} may not execute {spec.Command[0]}",
        Errno.EPERM => $"lvsctl may not run programs as {user}: it is not root, or lacks CAP_SETUID and CAP_SETGID",
        _ => $"{spec.Command[0]}: {ErrnoText.Describe(errno)}",
    };

    public override ProbeOutcome? Ready(PollEvents events)
    {
        if (_program is not { } program) return null;
        if (!_outputEnded) ReadOutput(program);
        return program.TakeExit() is { } code ? Judge(code) : null;
    }

    void ReadOutput(SpawnedProgram program)
    {
        for (var reads = 0; reads < 4; reads++)
        {
            var count = program.ReadOutput(Engine.Buffer);
            if (count < 0) return;
            if (count == 0)
            {
                // Or an ended pipe would be ready for ever.
                Engine.Poller.Remove(program.Output);
                _outputEnded = true;
                return;
            }
            var some = Engine.Buffer.AsSpan(0, Math.Min(count, MostOutput - _kept));
            some.CopyTo(_output.AsSpan(_kept));
            _kept += some.Length;
        }
    }

    ProbeOutcome Judge(int code)
    {
        _program!.Value.Close();
        _program = null;
        if (code == 0) return Outcome(ProbeReason.Ok);
        if (_saysWeight && code == DrainCode) return Outcome(ProbeReason.Ok) with { Word = new(AgentWordKind.Drain) };
        if (_saysWeight && code is >= WeightOffset and < DrainCode) return Outcome(ProbeReason.Ok) with { Word = new(AgentWordKind.Weight, code - WeightOffset) };
        var how = code < 0 ? $"killed by signal {-code}" : $"exit code {code}";
        return Outcome(ProbeReason.Unexpected, _kept > 0 ? $"{how}: {Said(how.Length + 2)}" : how);
    }

    public override ProbeOutcome TimedOut()
    {
        var late = base.TimedOut();
        if (_kept == 0) return late;
        var how = $"{late.Detail}; it said: ";
        return late with { Detail = how + Said(how.Length) };
    }

    // As much as fits behind what is said already.
    string Said(int taken)
    {
        var text = Encoding.UTF8.GetString(_output, 0, _kept).Trim();
        text = text[..Math.Min(text.Length, MostOutput - taken)];
        return string.Create(text.Length, text, static (span, from) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(from[i]) ? ' ' : from[i];
        });
    }

    protected override void Release()
    {
        if (_program is { } program) Bury(program);
        _program = null;
    }

    static void Bury(SpawnedProgram program)
    {
        program.KillGroup();
        // Killed, it ends at once; unless the kernel holds it, in which case it is init's once lvsctl is gone.
        for (var tries = 0; tries < 1000 && program.TakeExit() is null; tries++) Thread.Yield();
        program.Close();
    }
}
