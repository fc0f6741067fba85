using System.Diagnostics;
using System.Text;
using Lvsctl.Director.Control;
using Lvsctl.Director.Events;

namespace Lvsctl.Kernel.Tests.Running.Soak;

/// <summary>All that the director says, followed at its control socket from the first event on, with how each server stands by it.</summary>
sealed class ToldEvents
{
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    readonly Lock _one = new();
    readonly List<JournalEntry> _entries = [];
    readonly Dictionary<(string, string), bool> _isUp = [];
    readonly List<string> _oddities = [];
    readonly Task _following;

    public ToldEvents(ControlClient client) => _following = Task.Run(() => FollowAsync(client));

    /// <summary>In the order in which they came.</summary>
    public IReadOnlyList<JournalEntry> Entries
    {
        get
        {
            lock (_one) return [.. _entries];
        }
    }

    /// <summary>Changes that were none, and lines that are no events.</summary>
    public IReadOnlyList<string> Oddities
    {
        get
        {
            lock (_one) return [.. _oddities];
        }
    }

    public int CountUp
    {
        get
        {
            lock (_one) return _isUp.Count(s => s.Value);
        }
    }

    /// <returns>False where it was told to stop first.</returns>
    /// <exception cref="InvalidOperationException">It does not come.</exception>
    public bool WaitFor(IReadOnlyList<(string, string)> servers, bool isUp, CancellationToken stop)
    {
        var began = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            List<(string, string)> others;
            lock (_one) others = [.. servers.Where(s => _isUp.GetValueOrDefault(s) != isUp)];
            if (others.Count == 0) return true;
            if (Stopwatch.GetElapsedTime(began) > s_patience) throw new InvalidOperationException($"not told within {s_patience.TotalSeconds:F0} s that {string.Join(", ", others)} are {(isUp ? "up" : "down")}");
            stop.WaitHandle.WaitOne(250);
        }
        return false;
    }

    async Task FollowAsync(ControlClient client)
    {
        await foreach (var line in client.StreamLinesAsync($"{DirectorRoutes.Events}?follow=1", CancellationToken.None))
        {
            lock (_one)
            {
                if (!JournalEntry.TryRead(Encoding.UTF8.GetBytes(line), out var entry))
                {
                    _oddities.Add($"no event: {line}");
                    continue;
                }
                _entries.Add(entry);
                if (entry.Event.Kind.Id is not ("server.up" or "server.down")) continue;
                var (server, isUp) = ((entry.Event.Service!, entry.Event.Server!), entry.Event.Kind.Id == "server.up");
                if (_isUp.TryGetValue(server, out var was) && was == isUp) _oddities.Add($"{entry.Id} {entry.Event.Text}, as it was");
                _isUp[server] = isUp;
            }
        }
    }

    /// <summary>Until the director has ended.</summary>
    public void Wait() => _following.GetAwaiter().GetResult();
}
