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
    readonly EventJournal _journal;

    public AnnouncerTests() => _journal = new(_folder, 1024 * 1024, _clock);

    public void Dispose()
    {
        _journal.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_happens_is_in_the_journal_and_in_the_log()
    {
        Announcer(new LogSpec { Format = LogFormat.Json }).Tell(Down("web", "rs1"));

        using var line = JsonDocument.Parse(_output.ToString());
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

        Assert.Contains(begins, _output.ToString());
        Assert.Single(_output.ToString().TrimEnd().Split('\n'));
    }

    [Fact]
    public void Probes_are_told_at_debug_only_and_never_kept()
    {
        var probe = new DirectorEvent(EventKinds.Probe, "a probe", []);
        Announcer(new LogSpec()).Tell(probe);
        Assert.Equal("", _output.ToString());

        Announcer(new LogSpec { Level = LogLevel.Debug }).Tell(probe);
        Assert.Contains("a probe", _output.ToString());
        Assert.Equal(0, _journal.LastId);
    }

    [Fact]
    public void The_same_warning_again_and_again_is_said_once_and_counted()
    {
        var announcer = Announcer(new LogSpec());
        for (var i = 0; i < 50; i++)
        {
            announcer.Tell(DirectorEvents.Degraded("no kernel"));
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Single(Lines());

        _clock.Advance(TimeSpan.FromMinutes(1));
        announcer.Tend();

        Assert.Equal(2, Lines().Length);
        Assert.Contains("49 times more: the kernel's table cannot be seen to", Lines()[1]);
        Assert.Equal(50, announcer.Counts["director.degraded"]);
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

    string[] Lines() => _output.ToString().TrimEnd().Split('\n');

    Announcer Announcer(LogSpec log) => new(_journal, DirectorLog.Open(log, _output), _clock);

    static DirectorEvent Down(string service, string server) =>
        DirectorEvents.ServerChanged(service, server, HealthState.Down, "port", new(ProbeReason.Refused, TimeSpan.FromMilliseconds(1)), new(HealthState.Up, HealthState.Down, -3, 3, false), null);
}
