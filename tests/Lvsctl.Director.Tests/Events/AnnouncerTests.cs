using System.Text.Json;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Health;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Events;

public sealed class AnnouncerTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-announcer-").FullName;
    readonly ManualClock _clock = new();
    readonly StringWriter _output = new();
    readonly List<DirectorLog> _logs = [];
    readonly EventJournal _journal;

    public AnnouncerTests() => _journal = new(_folder, 1024 * 1024, _clock);

    public void Dispose()
    {
        foreach (var log in _logs) log.Dispose();
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_happens_is_in_the_journal_and_in_the_log()
    {
        Announcer(new LogSpec { Format = LogFormat.Json }).Tell(Down("web", "rs1"));

        using var line = JsonDocument.Parse(Output);
        Assert.Equal("server.down", line.RootElement.GetProperty("event").GetString());
        Assert.Equal("warning", line.RootElement.GetProperty("level").GetString());
        Assert.Equal("web/rs1 is down: connection refused (check port, 3 in a row)", line.RootElement.GetProperty("message").GetString());
        Assert.Equal(3, line.RootElement.GetProperty("fails").GetInt32());
        Assert.False(line.RootElement.TryGetProperty("Text", out _));
        Assert.Equal(1, _journal.LastId);
    }

    [Theory]
    [InlineData(LogFormat.Text, "warning: web/rs1 is down")]
    [InlineData(LogFormat.Journal, "<4>web/rs1 is down")]
    public void People_read_one_line(LogFormat format, string begins)
    {
        Announcer(new LogSpec { Format = format }).Tell(Down("web", "rs1"));

        Assert.Contains(begins, Output);
        Assert.Single(Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Probes_are_told_at_debug_only_and_never_kept()
    {
        var probe = new DirectorEvent(EventKinds.Probe, "a probe", []);
        Announcer(new LogSpec()).Tell(probe);
        Assert.Equal("", Output);

        Announcer(new LogSpec { Level = LogLevel.Debug }).Tell(probe);
        Assert.Contains("a probe", Output);
        Assert.Equal(0, _journal.LastId);
    }

    [Fact]
    public void The_same_trouble_again_and_again_is_said_once_and_counted_ever_more_seldom()
    {
        var announcer = Announcer(new LogSpec());
        for (var i = 0; i < 3600; i++)
        {
            announcer.Tell(DirectorEvents.Warning("the same"));
            _clock.Advance(TimeSpan.FromSeconds(1));
            announcer.Tend();
        }

        Assert.InRange(Lines().Length, 4, 8);
        Assert.Contains("times more: the same", Lines()[1]);
        Assert.Equal(3600, announcer.Counts["director.warning"]);
    }

    [Fact]
    public void What_has_a_counterpart_is_said_each_time()
    {
        var announcer = Announcer(new LogSpec());
        for (var i = 0; i < 3; i++)
        {
            announcer.Tell(DirectorEvents.ReloadRefused("a mistake"));
            announcer.Tell(DirectorEvents.Degraded("no kernel"));
            announcer.Tell(DirectorEvents.Recovered(TimeSpan.FromSeconds(1)));
        }

        Assert.Equal(9, Lines().Length);
    }

    [Fact]
    public void Who_does_not_read_the_log_stops_nobody()
    {
        using var stuck = new StuckWriter();
        var log = DirectorLog.Open(new LogSpec(), stuck);
        var announcer = new Announcer(_journal, log, _clock);
        for (var i = 0; i < 20_000; i++) announcer.Tell(Down("web", "rs1"));
        Assert.Equal(20_000, _journal.LastId);

        stuck.Release();
        log.Dispose();
        Assert.Contains("lines were lost here", stuck.Text);
    }

    sealed class StuckWriter : StringWriter
    {
        readonly ManualResetEventSlim _read = new();

        public string Text { get; private set; } = "";

        public void Release() => _read.Set();

        public override void Flush()
        {
            _read.Wait();
            Text = ToString();
        }
    }

    [Fact]
    public void Servers_that_change_again_are_told_each_time()
    {
        var announcer = Announcer(new LogSpec());
        for (var i = 0; i < 3; i++) announcer.Tell(Down("web", "rs1"));

        Assert.Equal(3, Lines().Length);
    }

    [Fact]
    public void A_journal_that_cannot_be_written_is_said_once_in_the_log()
    {
        Directory.Delete(_folder);
        File.WriteAllText(_folder, "");
        var announcer = Announcer(new LogSpec());
        announcer.Tell(DirectorEvents.Warning("one"));
        announcer.Tell(DirectorEvents.Warning("two"));

        Assert.Single(Lines(), l => l.Contains("the journal in"));
        File.Delete(_folder);
        Directory.CreateDirectory(_folder);
    }

    string[] Lines() => Output.TrimEnd().Split('\n');

    string Output
    {
        get
        {
            foreach (var log in _logs) log.Flush();
            return _output.ToString();
        }
    }

    Announcer Announcer(LogSpec spec)
    {
        var log = DirectorLog.Open(spec, _output);
        _logs.Add(log);
        return new(_journal, log, _clock);
    }

    static DirectorEvent Down(string service, string server) =>
        DirectorEvents.ServerChanged(service, server, HealthState.Down, "port", new(ProbeReason.Refused, TimeSpan.FromMilliseconds(1)), new(HealthState.Up, HealthState.Down, -3, 3, false), null);
}
