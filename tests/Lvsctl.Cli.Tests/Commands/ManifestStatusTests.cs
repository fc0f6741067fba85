using System.Text.Json;
using Lvsctl.Cli.Commands;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Commands;

public sealed class ManifestStatusTests : IDisposable
{
    const string Web = "tcp 10.0.0.1:80";

    readonly ManifestBench _bench = new();

    public void Dispose() => _bench.Dispose();

    // One of each: as wanted, draining, in maintenance, another weight, missing, changed, leaving, foreign; and whole services.
    void Arrange()
    {
        const string Before = """
            services:
              web:
                listen: tcp 10.0.0.1:80
                scheduler: rr
                servers: { rs1: 10.1.0.1, rs2: 10.1.0.2, rs3: 10.1.0.3, rs4: 10.1.0.4, rs5: 10.1.0.5, rs6: 10.1.0.6 }
              old: { listen: tcp 10.0.0.1:81, servers: { rs1: 10.1.0.1 } }
            """;
        _bench.Manifest = Before;
        _bench.Run("apply");
        _bench.Connect(Web, "10.1.0.2:80", active: 3, persistent: 1);
        _bench.Connect(Web, "10.1.0.6:80", active: 2);
        _bench.Run("drain rs2");
        _bench.Run("maintain rs3");
        _bench.Run("weight rs4 7");
        _bench.Manifest = Before.Replace(", rs6: 10.1.0.6", "");
        _bench.Run("apply");
        _bench.Servers(Web).RemoveAll(s => s.Server.Key.ToString() == "10.1.0.5:80");
        _bench.AddForeign(Web, "10.1.0.9:80");
        _bench.AddForeign("tcp 10.0.0.9:80", "10.1.0.9:80");
        _bench.Manifest = """
            services:
              web:
                listen: tcp 10.0.0.1:80
                scheduler: wrr
                servers: { rs1: { address: 10.1.0.1, weight: 2 }, rs2: 10.1.0.2, rs3: 10.1.0.3, rs4: 10.1.0.4, rs5: 10.1.0.5 }
              new: { listen: tcp 10.0.0.1:82, servers: { rs1: 10.1.0.1 } }
            """;
    }

    [Fact]
    public void People_see_names_wishes_the_kernel_and_why()
    {
        Arrange();
        var run = _bench.Run("status");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal("""
            IPVS 1.2.1: 3 virtual services, 7 real servers

            web (tcp 10.0.0.1:80)  rr  pending: scheduler rr -> wrr
              SERVER  ADDRESS      FORWARD  WEIGHT  KERNEL  ACTIVE  INACTIVE  PERSIST  CONN/S  IN B/S  OUT B/S  NOTE
              rs1     10.1.0.1:80  dr            2       1       0         0        0       0       0        0  pending: weight 1 -> 2
              rs2     10.1.0.2:80  dr            0       0       3         0        1       0       0        0  draining since 1970-01-01T00:00:00Z, until 1970-01-01T00:10:00Z at the latest (3 active, 0 inactive, 1 persistence templates)
              rs3     10.1.0.3:80  dr          out       -       -         -        -       -       -        -  in maintenance since 1970-01-01T00:00:00Z
              rs4     10.1.0.4:80  dr            7       7       0         0        0       0       0        0  weight set to 7 at 1970-01-01T00:00:00Z
              rs5     10.1.0.5:80  dr            1       -       -         -        -       -       -        -  missing in the kernel
              -       10.1.0.6:80  dr            -       0       2         0        0       0       0        0  leaving since 1970-01-01T00:00:00Z: no longer in the manifest
              -       10.1.0.9:80  dr            -       1       0         0        0       0       0        0  not in the manifest

            new (tcp 10.0.0.1:82)  wlc  missing in the kernel
              SERVER  ADDRESS      FORWARD  WEIGHT  KERNEL  ACTIVE  INACTIVE  PERSIST  CONN/S  IN B/S  OUT B/S  NOTE
              rs1     10.1.0.1:82  dr            1       -       -         -        -       -       -        -  missing in the kernel

            No longer in the manifest:

            tcp 10.0.0.1:81  wlc
              SERVER  ADDRESS      FORWARD  WEIGHT  KERNEL  ACTIVE  INACTIVE  PERSIST  CONN/S  IN B/S  OUT B/S  NOTE
              -       10.1.0.1:81  dr            -       1       0         0        0       0       0        0  no longer in the manifest; the next apply removes it

            Not in the manifest, and not lvsctl's (left alone):

            tcp 10.0.0.9:80  wlc
              SERVER  ADDRESS      FORWARD  WEIGHT  KERNEL  ACTIVE  INACTIVE  PERSIST  CONN/S  IN B/S  OUT B/S  NOTE
              -       10.1.0.9:80  dr            -       1       0         0        0       0       0        0  not in the manifest

            """, run.Output);
    }

    [Fact]
    public void Programs_get_the_same_as_fields()
    {
        Arrange();
        using var document = JsonDocument.Parse(_bench.Run("status --json").Output);
        var services = document.RootElement.GetProperty("services").EnumerateArray().ToList();
        Assert.Equal(["web", "new", null, null], services.Select(s => s.GetProperty("name").GetString()));
        var servers = services[0].GetProperty("servers").EnumerateArray().ToDictionary(s => s.GetProperty("address").GetString()!);

        Assert.Equal((0, 0), (servers["10.1.0.2"].GetProperty("weight").GetInt32(), servers["10.1.0.2"].GetProperty("wanted_weight").GetInt32()));
        var drain = servers["10.1.0.2"].GetProperty("intent");
        Assert.Equal(("drain", "remove", "1970-01-01T00:10:00Z"), (Text(drain, "kind"), Text(drain, "then"), Text(drain, "deadline")));
        Assert.Equal(("maintain", JsonValueKind.Null), (Text(servers["10.1.0.3"].GetProperty("intent"), "kind"), servers["10.1.0.3"].GetProperty("wanted_weight").ValueKind));
        Assert.Equal(7, servers["10.1.0.4"].GetProperty("intent").GetProperty("weight").GetInt32());
        Assert.Equal(("rs5", false, JsonValueKind.Null, JsonValueKind.Null), (Text(servers["10.1.0.5"], "name"), servers["10.1.0.5"].GetProperty("in_kernel").GetBoolean(),
            servers["10.1.0.5"].GetProperty("weight").ValueKind, servers["10.1.0.5"].GetProperty("statistics").ValueKind));
        Assert.Equal("1970-01-01T00:00:00Z", Text(servers["10.1.0.6"], "leaving_since"));
        Assert.Equal("not in the manifest", Text(servers["10.1.0.9"], "because"));
        Assert.False(services[1].GetProperty("in_kernel").GetBoolean());
        Assert.Equal(0, document.RootElement.GetProperty("orphaned_intents").GetArrayLength());
    }

    static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    [Fact]
    public void With_a_manifest_and_without_the_fields_are_the_same()
    {
        Arrange();
        static string Form(string json)
        {
            using var document = JsonDocument.Parse(json);
            var service = document.RootElement.GetProperty("services")[0];
            return string.Join(' ', new[] { document.RootElement, service, service.GetProperty("servers")[0] }.SelectMany(e => e.EnumerateObject()).Select(p => p.Name));
        }
        Assert.Equal(Form(VerbRun.Of("status --json", _bench.Kernel).Output), Form(_bench.Run("status --json").Output));
    }

    [Fact]
    public async Task A_watch_on_a_terminal_redraws_in_place_and_leaves_it_as_it_was()
    {
        var clock = new EagerClock();
        using var enough = new CancellationTokenSource();
        clock.Waited = () =>
        {
            if (clock.Waits == 2) enough.Cancel();
        };
        var output = new StringWriter();
        var frames = 0;
        await new StatusWatch(output, () => 3, clock).RunAsync(() => Task.FromResult($"frame {++frames}\nb\nc\nd\n"), TimeSpan.FromSeconds(2), enough.Token);
        Assert.Equal(
            "\e[?1049h\e[?25l\e[?7l"
            + "\e[Hframe 1\e[K\nb\e[K\n… 2 more lines\e[K\e[J"
            + "\e[Hframe 2\e[K\nb\e[K\n… 2 more lines\e[K\e[J"
            + "\e[?7h\e[?25h\e[?1049l", output.ToString());
    }

    [Fact]
    public async Task A_watch_into_a_file_appends()
    {
        var clock = new EagerClock();
        using var enough = new CancellationTokenSource();
        clock.Waited = enough.Cancel;
        var output = new StringWriter();
        await new StatusWatch(output, screenHeight: null, clock).RunAsync(() => Task.FromResult("all\n"), TimeSpan.FromSeconds(2), enough.Token);
        Assert.Equal("all\n", output.ToString());
    }

    [Fact]
    public async Task A_watch_that_cannot_go_on_leaves_the_terminal_as_it_was()
    {
        var output = new StringWriter();
        var frames = 0;
        await Assert.ThrowsAsync<InvalidOperationException>(() => new StatusWatch(output, () => 25, new EagerClock())
            .RunAsync(() => ++frames == 3 ? throw new InvalidOperationException() : Task.FromResult("frame\n"), TimeSpan.FromSeconds(1), CancellationToken.None));
        Assert.EndsWith("\e[?7h\e[?25h\e[?1049l", output.ToString());
    }

    [Theory]
    [InlineData("0")]
    [InlineData("often")]
    public void A_watch_that_would_never_rest_is_refused(string interval)
    {
        var run = VerbRun.Of($"status --watch {interval}");
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains("--watch is a number of seconds, 0.1 or more", run.Error);
    }
}
