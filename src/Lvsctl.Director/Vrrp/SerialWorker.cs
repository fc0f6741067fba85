using System.Collections.Concurrent;

namespace Lvsctl.Director.Vrrp;

/// <summary>Does one thing after the other on a thread of its own, so that a disk, a pipe or the kernel that makes it wait holds up nobody else.</summary>
sealed class SerialWorker : IDisposable
{
    readonly BlockingCollection<Action> _work = [];
    readonly Thread _thread;

    public SerialWorker(string name)
    {
        _thread = new Thread(Work) { Name = name, IsBackground = true };
        _thread.Start();
    }

    /// <summary>What is added after the end is not done.</summary>
    public void Do(Action what)
    {
        if (!_work.IsAddingCompleted) _work.Add(what);
    }

    void Work()
    {
        foreach (var what in _work.GetConsumingEnumerable()) what();
    }

    /// <summary>Waits for what was asked, within reason.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        if (_thread.Join(TimeSpan.FromSeconds(5))) _work.Dispose();
    }
}
