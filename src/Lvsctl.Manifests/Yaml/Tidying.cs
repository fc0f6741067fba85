namespace Lvsctl.Manifests.Yaml;

/// <summary>
/// Reading a large manifest makes much garbage around what it keeps. Left alone, the collector of a short-lived program lets a hundred
/// megabytes of it pile up first, so it is called after every few; what it then looks at is little, and costs nearly nothing.
/// </summary>
struct Tidying
{
    const long Garbage = 40 * 1024 * 1024;

    long _last;

    public static Tidying Start() => new() { _last = GC.GetAllocatedBytesForCurrentThread() };

    public void Tidy()
    {
        var now = GC.GetAllocatedBytesForCurrentThread();
        if (now - _last < Garbage) return;
        _last = now;
        GC.Collect(0, GCCollectionMode.Forced, blocking: true);
    }
}
