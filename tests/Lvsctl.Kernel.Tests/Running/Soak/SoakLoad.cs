using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Lvsctl.Director.Control;
using Lvsctl.Director.Intents;
using Lvsctl.Kernel.Tests.Lab;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Kernel.Tests.Running.Soak;

/// <summary>Everybody who has to do with a director in the course of a day, each on a thread of his own, in one host's network.</summary>
/// <param name="pause">What a rack works at most between two failures.</param>
sealed class SoakLoad(LabHost host, SoakManifest manifest, int process, ToldEvents told, TimeSpan pause, int seed) : IDisposable
{
    const int MostWishes = 10;

    readonly CancellationTokenSource _stop = new();
    readonly List<Thread> _threads = [];
    readonly ConcurrentDictionary<string, int> _done = [];
    readonly ConcurrentQueue<string> _failures = [];
    readonly ConcurrentBag<Rack> _racks = [];
    readonly Queue<(string Service, string Server)> _wishes = [];
    readonly HttpClient _http = HttpIn(host);
    double _longestTurn;
    TimeSpan _longestRepair;

    /// <summary>How often each thing was done.</summary>
    public IReadOnlyDictionary<string, int> Done => _done;

    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>Seconds, by the director's own measure.</summary>
    public double LongestTurn => _longestTurn;

    /// <summary>From <c>ipvsadm -C</c> until the table was there again.</summary>
    public TimeSpan LongestRepair => _longestRepair;

    bool IsShort => pause < TimeSpan.FromMinutes(1);

    public void Start()
    {
        for (var rack = 0; rack < manifest.Racks.Count; rack++)
        {
            var (number, random) = (rack, new Random(seed + rack));
            _threads.Add(host.Start(() => Guard($"rack {number}", () => Fail(number, random))));
        }
        var verbs = new Random(seed - 1);
        // Two each, as Prometheus and people come in pairs, so that one long answer does not make the day shorter.
        for (var pair = 0; pair < 2; pair++)
        {
            Every("scrapes", 3.8, i => Scrape(i % 10 == 9));
            Every("looks at the page", 7, _ => Get("/page/state?after=0", "\"services\""));
        }
        Every("status", 5, _ => Ask(OperatorRoutes.Status, "\"services\""));
        Every("why", 3, _ => Why(verbs));
        Every("events", 3, Events);
        Every("verbs", 4, _ => Wish(verbs));
        Every("reloads", IsShort ? 3.9 : 10, Reload);
        Every("ipvsadm -C", IsShort ? 18 : 90, _ => Clear());
    }

    /// <summary>No more of it; racks that are down come back first, wishes are taken back, and the manifest is whole.</summary>
    public void Stop()
    {
        _stop.Cancel();
        foreach (var thread in _threads)
        {
            if (!thread.Join(TimeSpan.FromMinutes(9))) _failures.Enqueue("somebody does not come to an end");
        }
        Guard("resume", () =>
        {
            while (_wishes.TryDequeue(out var wish)) Post(new IntentRequest("resume", wish.Server) { Service = wish.Service });
        });
        Guard("the last reload", () => Reload(0));
    }

    /// <summary>The first after part of the time, so that not all begin at once.</summary>
    void Every(string what, double seconds, Action<int> work) => _threads.Add(host.Start(() =>
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            var due = TimeSpan.FromSeconds((i + 0.5) * seconds) - Stopwatch.GetElapsedTime(began);
            if (due > TimeSpan.Zero && _stop.Token.WaitHandle.WaitOne(due)) return;
            var number = i;
            Guard(what, () => work(number));
            Count(what);
        }
    }));

    void Count(string what, int times = 1) => _done.AddOrUpdate(what, times, (_, before) => before + times);

    void Guard(string what, Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            _failures.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {what}: {e.GetType().Name}: {e.Message}");
        }
    }

    // Down until the director has said so of each server, and up until it has said that: then it is known how often it has to.
    void Fail(int number, Random random)
    {
        // It stays up after this, since the director goes on looking at it.
        var rack = new Rack(SoakManifest.FirstRackPort + number);
        _racks.Add(rack);
        rack.Serve();
        var servers = manifest.Racks[number];
        while (told.WaitFor(servers, isUp: true, _stop.Token) && !_stop.Token.WaitHandle.WaitOne(random.Next((int)pause.TotalMilliseconds)))
        {
            if (random.Next(2) == 0) rack.Refuse();
            else rack.BeSilent();
            told.WaitFor(servers, isUp: false, CancellationToken.None);
            Count("server failures", servers.Count);
            _stop.Token.WaitHandle.WaitOne(random.Next((int)pause.TotalMilliseconds / 4));
            rack.Serve();
            told.WaitFor(servers, isUp: true, CancellationToken.None);
        }
    }

    void Scrape(bool isRude)
    {
        if (isRude)
        {
            // Asks, reads the beginning and goes away.
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, SoakManifest.MetricsPort);
            socket.Send("GET /metrics HTTP/1.1\r\nHost: soak\r\n\r\n"u8);
            socket.Receive(new byte[1024]);
            Count("scrapes cut off");
            return;
        }
        if (Get("/metrics", "lvsctl_build_info", "lvsctl_loop_longest_turn_seconds") is { } turn) _longestTurn = Math.Max(_longestTurn, double.Parse(turn, CultureInfo.InvariantCulture));
    }

    string? Get(string path, string words, string? figure = null) => GetAsync(path, words, figure).GetAwaiter().GetResult();

    async Task<string?> GetAsync(string path, string words, string? figure)
    {
        using var response = await _http.GetAsync($"http://127.0.0.1:{SoakManifest.MetricsPort}{path}", HttpCompletionOption.ResponseHeadersRead);
        // A director that is up to its ears says so instead of being late for its servers; how often is looked at.
        if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            Count("answers put off");
            return null;
        }
        if (!response.IsSuccessStatusCode) throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        var (has, found) = await AnswerScan.OfAsync(await response.Content.ReadAsStreamAsync(), words, figure);
        return has ? found : throw new InvalidOperationException($"{path} does not say {words}");
    }

    // Each time as a command does: another connection.
    void Ask(string path, string words) => AskAsync(path, words).GetAwaiter().GetResult();

    async Task AskAsync(string path, string words)
    {
        using var client = Connect();
        var has = false;
        await foreach (var line in client.StreamLinesAsync(path, CancellationToken.None)) has |= line.Contains(words, StringComparison.Ordinal);
        if (!has) throw new InvalidOperationException($"{path} does not say {words}");
    }

    ControlClient Connect() => ControlClient.TryConnect(manifest.ControlSocket) ?? throw new InvalidOperationException("nobody is at the control socket");

    void Why(Random random)
    {
        var (service, server) = manifest.OperatorsServers[random.Next(manifest.OperatorsServers.Count)];
        Ask(OperatorRoutes.WhyOf(server, service), server);
    }

    // The last few, and every fourth time whoever follows goes away soon.
    void Events(int number)
    {
        var last = told.Entries.Count;
        if (number % 4 > 0)
        {
            Ask($"{DirectorRoutes.Events}?after={Math.Max(0, last - 50)}", "\"id\"");
            return;
        }
        FollowAsync(last).GetAwaiter().GetResult();
    }

    async Task FollowAsync(int after)
    {
        using var client = Connect();
        using var leaves = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await foreach (var _ in client.StreamLinesAsync($"{DirectorRoutes.Events}?follow=1&after={after}", leaves.Token))
            {
                // Until he leaves.
            }
        }
        catch (OperationCanceledException)
        {
            Count("followers that left");
        }
    }

    void Wish(Random random)
    {
        if (_wishes.Count >= MostWishes)
        {
            var (service, server) = _wishes.Dequeue();
            Post(new IntentRequest("resume", server) { Service = service });
            return;
        }
        var wish = manifest.OperatorsServers[random.Next(manifest.OperatorsServers.Count)];
        if (_wishes.Contains(wish)) return;
        _wishes.Enqueue(wish);
        Post(random.Next(3) switch
        {
            0 => new IntentRequest("drain", wish.Server) { Service = wish.Service, Deadline = "5s" },
            1 => new IntentRequest("maintain", wish.Server) { Service = wish.Service },
            _ => new IntentRequest("weight", wish.Server) { Service = wish.Service, Weight = random.Next(1, 50) },
        });
    }

    void Post(IntentRequest request)
    {
        using var client = Connect();
        var answer = client.PostAsync(OperatorRoutes.Intents, request, IntentJson.Default.IntentRequest, IntentJson.Default.IntentAnswer, CancellationToken.None).GetAwaiter().GetResult();
        if (!answer.Applied || answer.Failed.Count > 0) throw new InvalidOperationException($"{request.Kind} {request.Service}/{request.Server}: {string.Join("; ", answer.Refusals.Select(r => r.Text).Concat(answer.Failed.Select(f => f.Why)))}");
    }

    void Reload(int number)
    {
        if (number % 10 == 9) manifest.WriteBroken();
        else manifest.EditAndWrite();
        using var client = Connect();
        var answer = client.PostAsync(DirectorRoutes.Reload, ControlJson.Default.ReloadDocument, CancellationToken.None).GetAwaiter().GetResult();
        if (answer.Refused is null == (number % 10 == 9)) throw new InvalidOperationException($"manifest {(answer.Refused is { } why ? $"refused: {why}" : "taken, broken as it is")}");
        if (answer.Refused is not null) Count("reloads refused");
        // By signal too, which nobody answers: the same file again.
        if (number % 10 == 5) Command.MustRun("kill", "-HUP", $"{process}");
    }

    void Clear()
    {
        using var kernel = IpvsClient.Open();
        var began = Stopwatch.GetTimestamp();
        Command.MustRun("/usr/sbin/ipvsadm", "-C");
        while (kernel.ReadTableOnce().Sum(p => p.Servers.Count) < manifest.Servers * 9 / 10)
        {
            if (Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(1)) throw new InvalidOperationException("nobody mends the table");
            Thread.Sleep(100);
        }
        if (Stopwatch.GetElapsedTime(began) is var took && took > _longestRepair) _longestRepair = took;
    }

    // Its connections are made in the host's network, whatever thread asks for them.
    static HttpClient HttpIn(LabHost host) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancellation) =>
        {
            Socket? socket = null;
            host.Start(() => socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)).Join();
            await socket!.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
        // As those of whoever does not come so often.
        PooledConnectionLifetime = TimeSpan.FromSeconds(5),
    });

    public void Dispose()
    {
        // Not disposed of: after a failure, threads may look at it still.
        _stop.Cancel();
        foreach (var rack in _racks) rack.Dispose();
        _http.Dispose();
    }
}
