using System.Collections.Concurrent;
using System.Text;
using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Processes;

/// <param name="Command">Absolute path and arguments; there is no shell.</param>
/// <param name="Environment">The whole of it, as NAME=value.</param>
/// <param name="User">Null: as this process.</param>
public sealed record SpawnRequest(IReadOnlyList<string> Command, IReadOnlyList<string> Environment, UserIdentity? User)
{
    /// <summary>All of its standard input.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }
}

/// <summary>
/// A running program, the leader of a process group of its own, with standard output and error in one pipe. Whoever asked for it
/// closes both descriptors.
/// </summary>
/// <param name="Watch">Readable once the program has ended (pidfd).</param>
/// <param name="Output">Non-blocking.</param>
public readonly unsafe record struct SpawnedProgram(int Pid, int Watch, int Output)
{
    // siginfo_t of SIGCHLD: si_signo, si_errno, si_code, then (on 64 bits after padding) si_pid, si_uid, si_status.
    const int CodeOffset = 8;
    const int StatusOffset = 24;
    const int SigInfoSize = 128;

    /// <summary>
    /// Exit code, or the negative number of the signal that ended it; null while it runs. It has to be asked for once it has ended, and kills
    /// what it left running in its group.
    /// </summary>
    public int? TakeExit()
    {
        var info = stackalloc byte[SigInfoSize];
        new Span<byte>(info, SigInfoSize).Clear();
        if (waitid(P_PID, (uint)Pid, info, WEXITED | WNOHANG | WNOWAIT) < 0) return LastErrno == Errno.EINTR ? null : 255;
        if (*(int*)info == 0) return null;
        // While it is unburied, nobody else can have its number.
        KillGroup();
        while (waitid(P_PID, (uint)Pid, info, WEXITED) < 0 && LastErrno == Errno.EINTR)
        {
        }
        var status = *(int*)(info + StatusOffset);
        return *(int*)(info + CodeOffset) == CLD_EXITED ? status : -status;
    }

    /// <summary>The program and all it started that has not left its process group.</summary>
    public void KillGroup()
    {
        _ = kill(-Pid, SIGKILL);
        _ = kill(Pid, SIGKILL);
    }

    /// <returns>0 at the end of the output; -1 where there is nothing now.</returns>
    public int ReadOutput(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            var count = (int)read(Output, start, (nuint)buffer.Length);
            return count >= 0 ? count : LastErrno is Errno.EAGAIN or Errno.EINTR ? -1 : 0;
        }
    }

    public void Close()
    {
        _ = close(Watch);
        _ = close(Output);
    }
}

/// <summary>
/// Starts programs as other users, on a thread of its own that alone takes on their identity: in the kernel credentials belong to threads
/// (credentials(7)), and a child has those of the thread that made it. libc's setuid would change all threads, so the system calls are made
/// directly. Executing a program turns the effective user into the saved one, so it cannot come back (execve(2)).
/// </summary>
public sealed unsafe class ProgramSpawner : IDisposable
{
    readonly BlockingCollection<(SpawnRequest Request, Action<Errno, SpawnedProgram> Report)> _requests = [];
    readonly Thread _thread;

    public ProgramSpawner()
    {
        _thread = new Thread(Serve) { IsBackground = true, Name = "spawner" };
        _thread.Start();
    }

    /// <param name="report">Called on the spawner's thread.</param>
    public void Spawn(SpawnRequest request, Action<Errno, SpawnedProgram> report) => _requests.Add((request, report));

    void Serve()
    {
        // A service manager may have given this process capabilities that programs would inherit.
        _ = prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        foreach (var (request, report) in _requests.GetConsumingEnumerable())
        {
            var errno = Spawn(request, out var program);
            report(errno, program);
        }
    }

    static Errno Spawn(SpawnRequest request, out SpawnedProgram program)
    {
        program = default;
        var pipe = stackalloc int[2];
        var input = -1;
        if (!request.Input.IsEmpty && Memory(request.Input.Span, out input) is not Errno.OK and var refused) return refused;
        if (pipe2(pipe, O_CLOEXEC) < 0)
        {
            var failure = LastErrno;
            if (input >= 0) _ = close(input);
            return failure;
        }
        var became = request.User is { } user ? Credentials.Become(user) : Errno.OK;
        var errno = became == Errno.OK ? PosixSpawn.Start(request.Command, request.Environment, POSIX_SPAWN_SETPGROUP, input, pipe[1], out var pid) : Failed(became, out pid);
        if (request.User is not null && became == Errno.OK) Credentials.Return();
        _ = close(pipe[1]);
        if (input >= 0) _ = close(input);
        if (errno == Errno.OK)
        {
            var watch = (int)syscall(SYS_pidfd_open, pid, 0, 0);
            if (watch >= 0)
            {
                _ = fcntl(pipe[0], F_SETFL, O_NONBLOCK);
                program = new SpawnedProgram(pid, watch, pipe[0]);
                return Errno.OK;
            }
            errno = LastErrno;
            var orphan = new SpawnedProgram(pid, -1, -1);
            orphan.KillGroup();
            while (orphan.TakeExit() is null) Thread.Yield();
        }
        _ = close(pipe[0]);
        return errno;
    }

    static Errno Failed(Errno errno, out int pid)
    {
        pid = 0;
        return errno;
    }

    // Not a pipe: nobody has to wait until the program reads it, or to care if it does not.
    static Errno Memory(ReadOnlySpan<byte> content, out int memory)
    {
        fixed (byte* name = "input\0"u8, start = content)
        {
            memory = memfd_create(name, MFD_CLOEXEC);
            if (memory < 0) return LastErrno;
            // A file in memory takes all of it, or there is no memory.
            if (write(memory, start, (nuint)content.Length) == content.Length && lseek(memory, 0, SEEK_SET) == 0) return Errno.OK;
        }
        _ = close(memory);
        memory = -1;
        return Errno.ENOMEM;
    }

    public void Dispose()
    {
        _requests.CompleteAdding();
        _thread.Join();
        _requests.Dispose();
    }
}
