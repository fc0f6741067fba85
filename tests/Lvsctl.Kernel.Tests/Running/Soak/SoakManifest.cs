using System.Globalization;
using System.Text;

namespace Lvsctl.Kernel.Tests.Running.Soak;

/// <summary>
/// A manifest of many services of ten servers, which is edited as a site's is. Services are of four sorts, so that each kind of disturbance
/// has its own: racks that fail, some quiet ones, those that operators look after, and those that are edited.
/// </summary>
sealed class SoakManifest
{
    public const int ServersEach = 10;
    public const int SteadyPort = 9_000;
    public const int FirstRackPort = 9_100;
    public const int HookPort = 9_700;
    public const int MetricsPort = 9_800;

    readonly TimeSpan _every;
    readonly Random _random;
    readonly SortedDictionary<int, List<SoakServer>> _services = [];
    readonly int _firstEdited;
    int _nextServer;

    /// <param name="every">Between two checks of a server.</param>
    /// <param name="racks">The servers of half of them are all that a service has; those of the others are one each of ten services.</param>
    public SoakManifest(string folder, int services, int racks, TimeSpan every, int seed)
    {
        (_every, _random) = (every, new(seed));
        Path = System.IO.Path.Combine(folder, "cluster.yaml");
        StateDirectory = System.IO.Path.Combine(folder, "state");
        HookProgram = System.IO.Path.Combine(folder, "notify");
        for (var s = 0; s < services; s++) _services[s] = [.. Enumerable.Range(0, ServersEach).Select(i => new SoakServer(s * ServersEach + i, RackPort(s, i, racks) ?? SteadyPort, 1))];
        (_firstEdited, _nextServer) = (services / 2, services * ServersEach);
        Servers = _nextServer;
        Racks = [.. Enumerable.Range(FirstRackPort, racks).Select(port => Named((_, server) => server.Port == port))];
        OperatorsServers = Named((service, _) => service >= services * 3 / 10 && service < _firstEdited);
    }

    public string Path { get; }

    public string StateDirectory { get; }

    public string ControlSocket => System.IO.Path.Combine(StateDirectory, "control.sock");

    public string HookProgram { get; }

    /// <summary>However it is edited.</summary>
    public int Servers { get; }

    /// <summary>The servers behind each rack's port, which is <see cref="FirstRackPort"/> and the rack's place here.</summary>
    public IReadOnlyList<IReadOnlyList<(string Service, string Server)>> Racks { get; }

    public IReadOnlyList<(string Service, string Server)> OperatorsServers { get; }

    List<(string Service, string Server)> Named(Func<int, SoakServer, bool> which) =>
        [.. from s in _services from server in s.Value where which(s.Key, server) select (ServiceName(s.Key), ServerName(server.Number))];

    static int? RackPort(int service, int place, int racks)
    {
        var whole = racks / 2;
        if (service < whole) return FirstRackPort + service;
        var across = whole + (service - whole) / ServersEach;
        return place == 0 && across < racks ? FirstRackPort + across : null;
    }

    /// <summary>What somebody does before he reloads: weights, and servers that go and others that come.</summary>
    public void EditAndWrite()
    {
        Edit();
        Write();
    }

    void Edit()
    {
        var edited = _services.Keys.Where(s => s >= _firstEdited).ToList();
        for (var i = 0; i < 5; i++)
        {
            var pool = _services[edited[_random.Next(edited.Count)]];
            var at = _random.Next(pool.Count);
            pool[at] = pool[at] with { Weight = _random.Next(1, 100) };
        }
        for (var i = 0; i < 3; i++)
        {
            var pool = _services[edited[_random.Next(edited.Count)]];
            pool[_random.Next(pool.Count)] = new(_nextServer++, SteadyPort, 1);
        }
    }

    public void Write()
    {
        // A check's pace is one that the lab's processor can keep with ten thousand of them.
        var text = new StringBuilder($$"""
            cluster: soak
            safety: { max-unavailable: 80% }
            control: { socket: {{ControlSocket}} }
            metrics: { listen: "127.0.0.1:{{MetricsPort}}", page: true }
            notify:
              - { name: hook, webhook: { url: "http://127.0.0.1:{{HookPort}}/", timeout: 2s } }
              - { name: program, exec: { command: [ {{HookProgram}} ], timeout: 20s }, on: [ service, config ] }
            checks: { port: { tcp: {}, every: {{_every.TotalSeconds}}s, timeout: 1s, rise: 1, fall: 2 } }
            services:

            """);
        foreach (var (service, servers) in _services)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {ServiceName(service)}:\n    listen: tcp 192.0.{service >> 8}.{service & 255}:80\n    scheduler: wrr\n    forward: nat\n    check: port\n    servers:\n");
            foreach (var server in servers) text.Append(CultureInfo.InvariantCulture, $"      {ServerName(server.Number)}: {{ address: {server.Address}, port: {server.Port}, weight: {server.Weight} }}\n");
        }
        File.WriteAllText(Path, text.ToString());
    }

    /// <summary>Somebody saved half of it.</summary>
    public void WriteBroken() => File.WriteAllText(Path, "services:\n  web: { listen: tcp 192.0.2.1:80, servers: {");

    /// <summary>Service, server and weight of all entries that the kernel should have.</summary>
    public HashSet<string> Table =>
        [.. from s in _services from server in s.Value select $"192.0.{s.Key >> 8}.{s.Key & 255}:80 {server.Address}:{server.Port} {server.Weight}"];

    static string ServiceName(int service) => $"s{service}";

    static string ServerName(int number) => $"rs{number}";
}

/// <param name="Number">Never given again.</param>
readonly record struct SoakServer(int Number, int Port, int Weight)
{
    public string Address => $"127.{1 + (Number >> 16)}.{Number >> 8 & 255}.{Number & 255}";
}
