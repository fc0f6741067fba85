using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Director.Metrics;

/// <summary>The kernel's table with its counters at one moment.</summary>
/// <param name="Trouble">Why it is empty; null: it could be read.</param>
public sealed record KernelReading(IReadOnlyDictionary<ServiceKey, PoolReading> Pools, string? Trouble)
{
    public ObservedServer? Find(ServiceKey service, RealServerKey server) => Pools.GetValueOrDefault(service)?.Servers.GetValueOrDefault(server);
}

public sealed record PoolReading(ObservedService Service, IReadOnlyDictionary<RealServerKey, ObservedServer> Servers);

/// <summary>
/// Reads the kernel's counters for those who look at them, over a connection of its own and on their threads: the director's thread has no
/// part in it. For any number of threads.
/// </summary>
public sealed class KernelReader(Func<IpvsClient> open, TimeProvider clock) : IDisposable
{
    /// <summary>Who comes sooner gets the same again.</summary>
    static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Or so many times what the reading took: while the kernel tells of its table it does nothing else with it, and a busy host with ten
    /// thousand servers has to mend its table too.
    /// </summary>
    const int FreshShare = 4;

    readonly Lock _one = new();
    IpvsClient? _kernel;
    KernelReading? _last;
    long _at;
    TimeSpan _took;
    bool _isDisposed;

    public KernelReading Read()
    {
        lock (_one)
        {
            var age = clock.GetElapsedTime(_at);
            if (_last is not null && (age < s_fresh || age < FreshShare * _took)) return _last;
            var began = clock.GetTimestamp();
            _last = ReadNow();
            _at = clock.GetTimestamp();
            _took = clock.GetElapsedTime(began, _at);
            return _last;
        }
    }

    KernelReading ReadNow()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        try
        {
            _kernel ??= open();
            var pools = new Dictionary<ServiceKey, PoolReading>();
            foreach (var pool in _kernel.ReadTableOnce()) pools[pool.Service.Service.Key] = new(pool.Service, pool.Servers.ToDictionary(s => s.Server.Key));
            return new(pools, null);
        }
        catch (Exception e) when (e is IpvsException or NetlinkException)
        {
            // The connection itself may be what is broken.
            _kernel?.Dispose();
            _kernel = null;
            return new(new Dictionary<ServiceKey, PoolReading>(), e.Message);
        }
    }

    public void Dispose()
    {
        lock (_one)
        {
            _isDisposed = true;
            _kernel?.Dispose();
            _kernel = null;
        }
    }
}
