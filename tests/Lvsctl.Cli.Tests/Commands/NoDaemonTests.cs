using Lvsctl.Cli.Commands;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>The director's verbs where there is none.</summary>
public sealed class NoDaemonTests : IDisposable
{
    readonly ManifestBench _bench = new();

    public NoDaemonTests() => _bench.Manifest = $"control: {{ socket: {_bench.FilePath("control.sock")} }}\nservices: {{ web: {{ listen: tcp 10.0.0.1:80, servers: {{ rs1: 10.1.0.1, rs2: 10.1.0.2 }} }} }}";

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_reload_says_what_to_do()
    {
        var run = _bench.Run("reload");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains($"no director answers at {_bench.FilePath("control.sock")}: start it with 'lvsctl run'", run.Error);
    }

    [Fact]
    public void Events_say_who_would_write_them()
    {
        var run = _bench.Run("events");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("there are no events in", run.Error);
    }

    [Fact]
    public void Looking_makes_no_directory()
    {
        Assert.Equal(0, _bench.Run("status").Code);
        Assert.Equal(0, _bench.Run("why rs1").Code);
        Assert.False(Directory.Exists(_bench.Store.Directory));
    }

    [Theory]
    [InlineData("", "web/rs2 gets no connections: web is not in the kernel's table")]
    [InlineData("apply", "web/rs2 gets connections: weight 1")]
    [InlineData("apply; maintain rs2", "web/rs2 gets no connections: in maintenance since 1970-01-01T00:00:00Z")]
    [InlineData("apply; weight rs2 0", "web/rs2 gets no connections: weight set to 0 at 1970-01-01T00:00:00Z")]
    [InlineData("apply; lose", "web/rs2 gets no connections: it is wanted with weight 1, and not in the kernel's table")]
    public void Why_gives_the_reason_first(string before, string verdict)
    {
        foreach (var verb in before.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (verb == "lose") _bench.Servers("tcp 10.0.0.1:80").RemoveAll(s => s.Server.Key.ToString() == "10.1.0.2:80");
            else Assert.Equal(0, _bench.Run(verb).Code);
        }
        Assert.StartsWith(verdict + "\n", _bench.Run("why rs2").Output);
    }

    [Fact]
    public void A_socket_that_nobody_listens_at_is_named_where_nothing_else_is_known()
    {
        var run = VerbRun.Of($"status --socket {_bench.FilePath("nobody.sock")}", _bench.Kernel);
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains($"no director answers at {_bench.FilePath("nobody.sock")}: there is no such socket", run.Error);
    }

    [Theory]
    [InlineData("10m", 3000)]
    [InlineData("1970-01-01T00:30:00Z", 1800)]
    [InlineData("2h", 0)]
    public void Since_is_a_time_or_how_long_ago(string text, double seconds) =>
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(seconds), EventsCommand.Since(text, DateTimeOffset.UnixEpoch.AddHours(1)));

    [Theory]
    [InlineData("events --since yesterday", "--since is a time such as 2026-11-22T09:00:00Z, or how long ago, such as 10m, not 'yesterday'")]
    [InlineData("top --every 5ms", "--every is 100ms or more")]
    [InlineData("status --socket", "--socket")]
    public void A_wrong_option_says_what_would_be_right(string args, string error)
    {
        var run = VerbRun.Of(args);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(error, run.Error);
    }

    [Fact]
    public void Top_needs_a_terminal()
    {
        var run = _bench.Run("top");
        Assert.Equal((1, ""), (run.Code, run.Output));
        Assert.Contains("top needs a terminal; 'lvsctl status'", run.Error);
    }
}
