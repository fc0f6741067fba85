using System.Net;
using Lvsctl.Director.Events;

namespace Lvsctl.Kernel.Tests.Running.Soak;

/// <summary>A webhook's other side. Of the first tries it refuses some and lets some wait in vain; what it took with 200 it has been told.</summary>
sealed class HookReceiver : IDisposable
{
    const int RefusesEach = 1_000;
    const int SilentEach = 2_500;

    readonly HttpListener _listener = new();
    readonly Lock _one = new();
    readonly List<long> _told = [];
    readonly HashSet<long> _putOff = [];
    readonly List<HttpListenerResponse> _silent = [];

    /// <summary>Listens in the calling thread's network namespace.</summary>
    public HookReceiver(int port)
    {
        _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        _listener.Start();
        _ = Task.Run(ReceiveAsync);
    }

    /// <summary>Ids, in the order in which they came.</summary>
    public IReadOnlyList<long> Told
    {
        get
        {
            lock (_one) return [.. _told];
        }
    }

    public int PutOff
    {
        get
        {
            lock (_one) return _putOff.Count;
        }
    }

    async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                JournalEntry.TryRead(body.ToArray(), out var entry);
                Answer(entry?.Id ?? 0, context.Response);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // It was closed.
        }
    }

    void Answer(long id, HttpListenerResponse response)
    {
        lock (_one)
        {
            if (id % SilentEach == 0 && _putOff.Add(id))
            {
                _silent.Add(response);
                return;
            }
            if (id % RefusesEach == 0 && _putOff.Add(id)) response.StatusCode = (int)HttpStatusCode.ServiceUnavailable;
            else _told.Add(id);
        }
        response.Close();
    }

    public void Dispose() => _listener.Close();
}
