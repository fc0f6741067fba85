using System.Diagnostics;
using System.Net;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Health;

/// <param name="Began">When the client asked.</param>
/// <param name="Ended">When it gave up.</param>
sealed record Failure(TimeSpan Began, TimeSpan Ended, string Why);

/// <summary>Asks a virtual service, each time on a new connection, as soon as the last one is over.</summary>
sealed class Client
{
    // Enough to let the others have the one processor.
    static readonly TimeSpan s_breath = TimeSpan.FromMilliseconds(250);

    readonly List<Failure> _failures = [];
    readonly Thread _thread;
    volatile bool _stopped;
    int _count;

    public Client(LabHost host, Stopwatch clock, IPEndPoint to, Action<IPEndPoint> exchange) => _thread = host.Start(() =>
    {
        while (!_stopped)
        {
            var began = clock.Elapsed;
            try
            {
                exchange(to);
            }
            catch (Exception e)
            {
                lock (_failures) _failures.Add(new(began, clock.Elapsed, e.Message));
            }
            Interlocked.Increment(ref _count);
            Thread.Sleep(s_breath);
        }
    });

    public int Count => Volatile.Read(ref _count);

    public IReadOnlyList<Failure> Failures
    {
        get
        {
            lock (_failures) return [.. _failures];
        }
    }

    public void Stop()
    {
        _stopped = true;
        _thread.Join();
    }
}
