using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Logging;

namespace Lvsctl.Director.Tests.Logging;

public sealed class DirectorLogTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-log-").FullName;
    readonly StringWriter _output = new();

    string LogFile => Path.Combine(_folder, "lvsctl.log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_file_that_was_moved_away_is_begun_anew()
    {
        using (var log = DirectorLog.Open(new LogSpec { File = LogFile }, _output))
        {
            log.Write(DirectorEvents.Warning("before"));
            File.Move(LogFile, LogFile + ".1");
            log.Write(DirectorEvents.Warning("meanwhile"));
            log.Reopen();
            log.Write(DirectorEvents.Warning("after"));
        }
        Assert.Equal(["before", "meanwhile"], Texts(LogFile + ".1"));
        Assert.Equal(["after"], Texts(LogFile));
    }

    [Fact]
    public void Another_manifest_gives_it_another_level_and_another_form()
    {
        using (var log = DirectorLog.Open(new LogSpec { Level = LogLevel.Error }, _output))
        {
            log.Write(DirectorEvents.Warning("not yet"));
            log.Configure(new LogSpec { Level = LogLevel.Warning });
            log.Write(DirectorEvents.Warning("as text"));
            log.Flush();
            log.Configure(new LogSpec { Format = LogFormat.Json });
            log.Write(DirectorEvents.Warning("as JSON"));
        }
        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.EndsWith("as text", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("{", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"as JSON\"", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_command_line_says_outlives_another_manifest()
    {
        using (var log = DirectorLog.Open(new LogSpec(), _output, LogLevel.Error))
        {
            log.Configure(new LogSpec { Level = LogLevel.Warning });
            log.Write(DirectorEvents.Warning("too little"));
        }
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_said_and_the_rest_goes_on()
    {
        var file = Path.Combine(_folder, "no-such-folder", "lvsctl.log");
        using (var log = DirectorLog.Open(new LogSpec { File = file }, _output))
        {
            Assert.Contains(file, log.Trouble, StringComparison.Ordinal);
            log.Write(DirectorEvents.Warning("heard"));
        }
        Assert.Contains("heard", _output.ToString(), StringComparison.Ordinal);
    }

    static IEnumerable<string> Texts(string file) => File.ReadLines(file).Select(l => l[(l.LastIndexOf(' ') + 1)..]);
}
