using System.Runtime.InteropServices;
using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Sockets;

[Flags]
public enum PollEvents : uint
{
    None = 0,
    Readable = EPOLLIN,
    Writable = EPOLLOUT,

    /// <summary>Reported whether asked for or not, as is <see cref="Ended"/>.</summary>
    Failed = EPOLLERR,
    Ended = EPOLLHUP,

    /// <summary>The other side of a stream will say nothing more.</summary>
    HalfClosed = EPOLLRDHUP,
}

/// <param name="Token">As given when the descriptor was added.</param>
public readonly record struct PollReady(ulong Token, PollEvents Events);

/// <summary>Waits for many descriptors at once: epoll(7), level-triggered. One thread waits; any thread may wake it.</summary>
public sealed unsafe class Poller : IDisposable
{
    // sys/epoll.h: the structure is packed on x86-64, and nowhere else.
    internal static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    static readonly int s_tokenOffset = EventSize - sizeof(ulong);

    const int Batch = 512;
    const ulong WakeToken = ulong.MaxValue;

    readonly FileDescriptor _epoll;
    readonly FileDescriptor _wake;
    readonly byte[] _events = new byte[Batch * EventSize];
    bool _isExact = true;

    public Poller()
    {
        _epoll = Open(epoll_create1(EPOLL_CLOEXEC), "creating an epoll descriptor");
        _wake = Open(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "creating an eventfd");
        Add(_wake.Number, PollEvents.Readable, WakeToken);
    }

    static FileDescriptor Open(int descriptor, string operation) =>
        descriptor >= 0 ? new FileDescriptor(descriptor) : throw new IOException($"{operation}: {ErrnoText.Describe(LastErrno)}");

    /// <param name="token">Any but <see cref="ulong.MaxValue"/>.</param>
    public void Add(int descriptor, PollEvents interest, ulong token) => Control(EPOLL_CTL_ADD, descriptor, interest, token);

    public void Change(int descriptor, PollEvents interest, ulong token) => Control(EPOLL_CTL_MOD, descriptor, interest, token);

    /// <summary>Closing a descriptor removes it too, unless a copy of it is open elsewhere.</summary>
    public void Remove(int descriptor) => Control(EPOLL_CTL_DEL, descriptor, PollEvents.None, 0);

    void Control(int operation, int descriptor, PollEvents interest, ulong token)
    {
        var wanted = stackalloc byte[16];
        *(uint*)wanted = (uint)interest;
        *(ulong*)(wanted + s_tokenOffset) = token;
        if (epoll_ctl(_epoll.Number, operation, descriptor, wanted) < 0) throw new IOException($"watching a descriptor: {ErrnoText.Describe(LastErrno)}");
    }

    /// <summary>Fills in what is ready, oldest first; 0 after the time, after <see cref="Wake"/> and after a signal.</summary>
    /// <param name="timeout">Rounded up to a millisecond; null: for ever.</param>
    public int Wait(Span<PollReady> ready, TimeSpan? timeout)
    {
        var milliseconds = timeout is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 0, int.MaxValue) : -1;
        fixed (byte* events = _events)
        {
            return Keep(epoll_wait(_epoll.Number, events, Math.Min(Batch, ready.Length), milliseconds), events, ready);
        }
    }

    /// <summary>As <see cref="Wait"/>, and not a millisecond longer: for timers of a few of them. Before Linux 5.11 it is <see cref="Wait"/>.</summary>
    public int WaitExactly(Span<PollReady> ready, TimeSpan? timeout)
    {
        if (!_isExact) return Wait(ready, timeout);
        var ticks = Math.Max(0, timeout?.Ticks ?? 0);
        var time = new timespec { tv_sec = (nint)(ticks / TimeSpan.TicksPerSecond), tv_nsec = (nint)(ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick) };
        fixed (byte* events = _events)
        {
            var count = (int)epoll_pwait2(SYS_epoll_pwait2, _epoll.Number, events, Math.Min(Batch, ready.Length), timeout is null ? null : &time, null, 0);
            // A sandbox that is older than the call refuses what it does not know.
            if (count >= 0 || LastErrno is not (Errno.ENOSYS or Errno.EPERM)) return Keep(count, events, ready);
        }
        _isExact = false;
        return Wait(ready, timeout);
    }

    int Keep(int count, byte* events, Span<PollReady> ready)
    {
        if (count < 0) return LastErrno == Errno.EINTR ? 0 : throw new IOException($"waiting: {ErrnoText.Describe(LastErrno)}");
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var at = events + i * EventSize;
            var token = *(ulong*)(at + s_tokenOffset);
            if (token == WakeToken) ForgetWake();
            else ready[kept++] = new(token, (PollEvents)(*(uint*)at));
        }
        return kept;
    }

    /// <summary>Too late, when nobody waits any more, it does nothing: the number may be another file's by then.</summary>
    public void Wake()
    {
        var held = false;
        try
        {
            _wake.DangerousAddRef(ref held);
            var one = 1UL;
            _ = write(_wake.Number, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
        }
        finally
        {
            if (held) _wake.DangerousRelease();
        }
    }

    void ForgetWake()
    {
        ulong count;
        _ = read(_wake.Number, &count, sizeof(ulong));
    }

    public void Dispose()
    {
        _epoll.Dispose();
        _wake.Dispose();
    }
}
