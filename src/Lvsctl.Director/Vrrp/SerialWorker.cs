using System.Collections.Concurrent;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// Does one thing after the other on a thread of its own, so that a disk, a pipe or the kernel that makes it wait holds up nobody else. Nor
/// does whoever hands it something wait for a lock that this thread has, and keeps for as long as others have the processor: it is woken
/// through the kernel.
/// </summary>
sealed class SerialWorker : IDisposable
{
    readonly ConcurrentQueue<Action> _work = new();
    readonly Poller _poller = new();
    readonly Thread _thread;
    volatile bool _isOver;

    public SerialWorker(string name)
    {
        _thread = new Thread(Work) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>What is added after the end is not done.</summary>
    public void Do(Action what)
    {
        _work.Enqueue(what);
        _poller.Wake();
    }

    void Work()
    {
        var ready = new PollReady[1];
        while (true)
        {
            // First, so that what was asked before the end is done.
            var isOver = _isOver;
            while (_work.TryDequeue(out var what)) what();
            if (isOver) return;
            _poller.Wait(ready, null);
        }
    }

    /// <summary>Waits for what was asked, within reason.</summary>
    public void Dispose()
    {
        _isOver = true;
        _poller.Wake();
        if (_thread.Join(TimeSpan.FromSeconds(5))) _poller.Dispose();
    }
}
