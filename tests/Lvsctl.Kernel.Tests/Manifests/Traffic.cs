using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Manifests;

/// <summary>Clients that ask for a page without pause, each time on a new connection, until they are stopped.</summary>
sealed class Traffic : IDisposable
{
    // Longer than any answer takes here, and than TCP's first repetitions, which are no failure.
    const int Patience = 10_000;

    readonly List<Thread> _threads;
    readonly ConcurrentQueue<string> _failures = [];
    readonly ConcurrentDictionary<string, int> _answers = [];
    volatile bool _stopped;
    int _connections;
    long _longest;

    public Traffic(LabHost client, string address, params IEnumerable<string> paths) =>
        _threads = [.. paths.Select(path => client.Start(() => Ask(new IPEndPoint(IPAddress.Parse(address), 80), path)))];

    public int Connections => Volatile.Read(ref _connections);

    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>How often each server answered.</summary>
    public IReadOnlyDictionary<string, int> Answers => _answers;

    public TimeSpan Longest => TimeSpan.FromTicks(Interlocked.Read(ref _longest));

    /// <summary>Lets so many more connections come to their end.</summary>
    public void Let(int more)
    {
        var until = Connections + more;
        var started = Stopwatch.GetTimestamp();
        while (Connections < until)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(60), $"no traffic: {Connections} connections so far, {_failures.Count} failed: {_failures.FirstOrDefault()}");
            Thread.Sleep(10);
        }
    }

    /// <summary>No new connections; those under way are answered first.</summary>
    public void Stop()
    {
        _stopped = true;
        foreach (var thread in _threads) Assert.True(thread.Join(TimeSpan.FromSeconds(60)), "a client hangs");
    }

    public void Dispose() => _stopped = true;

    void Ask(IPEndPoint to, string path)
    {
        var request = Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\n\r\n");
        while (!_stopped)
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                var answer = Once(to, request);
                var page = answer.Split("\r\n\r\n") is [_, var body] ? body : "";
                if (page.EndsWith("end\n", StringComparison.Ordinal)) _answers.AddOrUpdate(page.Split(' ')[0], 1, (_, n) => n + 1);
                else _failures.Enqueue($"{path}: an answer without its end: '{answer}'");
            }
            catch (SocketException e)
            {
                _failures.Enqueue($"{path}: {e.SocketErrorCode} after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");
            }
            Interlocked.Exchange(ref _longest, Math.Max(_longest, Stopwatch.GetElapsedTime(started).Ticks));
            Interlocked.Increment(ref _connections);
        }
    }

    static string Once(IPEndPoint to, byte[] request)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = Patience, ReceiveTimeout = Patience };
        socket.Connect(to);
        socket.Send(request);
        var answer = new StringBuilder();
        var buffer = new byte[4096];
        while (socket.Receive(buffer) is var size and > 0) answer.Append(Encoding.ASCII.GetString(buffer, 0, size));
        return answer.ToString();
    }
}
