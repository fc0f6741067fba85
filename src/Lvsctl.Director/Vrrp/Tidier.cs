namespace Lvsctl.Director.Vrrp;

/// <summary>
/// Collects garbage in time, on an ordinary thread, so that the real-time one hardly ever has to. Whoever collects waits until all others are
/// at a safe place, and wakes them again and again for that; on a host with one processor a real-time thread takes from them the very time
/// that they need to get there. In the lab, where signals are slow, they never did.
/// </summary>
sealed class Tidier : IDisposable
{
    /// <summary>Bytes: a quarter of what the runtime lets come together before it collects by itself.</summary>
    const long Enough = 256 * 1024;
    static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(500);

    readonly ITimer _timer;
    long _tidied;

    public Tidier(TimeProvider clock)
    {
        Collect();
        _timer = clock.CreateTimer(_ => Look(), null, s_every, s_every);
    }

    void Look()
    {
        if (GC.GetTotalAllocatedBytes() - _tidied >= Enough) Collect();
    }

    void Collect()
    {
        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        _tidied = GC.GetTotalAllocatedBytes();
    }

    public void Dispose() => _timer.Dispose();
}
