using System.Diagnostics;
using System.Text.RegularExpressions;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Director.Notify;

namespace Lvsctl.Kernel.Tests.Notify;

/// <summary>Mails to a real server that is not there, refuses, stands still, and comes back.</summary>
public sealed partial class MailTests(ITestOutputHelper log) : IDisposable
{
    // Longer than the longest pause between two tries: in a busy lab postfix may need a minute to start, and misses some.
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(7);

    readonly string _state = Directory.CreateTempSubdirectory("lvsctl-mail-").FullName;
    readonly StringWriter _said = new();
    readonly Stopwatch _clock = Stopwatch.StartNew();
    int _last;

    public void Dispose() => Directory.Delete(_state, recursive: true);

    [Fact]
    public void Through_every_trouble_of_the_server_and_a_restart_each_event_arrives_once_and_in_order()
    {
        using var postfix = new Postfix();
        var cluster = new ClusterSpec
        {
            Name = "shop",
            Notify =
            [
                new(new NotifyTarget.Email(new HostPort("127.0.0.1", postfix.Port), "lvs@shop.example", ["gone@shop.example", "all@shop.example"])
                {
                    Security = MailSecurity.StartTls,
                    CaFile = postfix.CaFile,
                    Timeout = TimeSpan.FromSeconds(2),
                })
                { Name = "ops" },
            ],
        };
        const string Gone = "{gone@shop.example=550 no such user here}";

        using (var director = new Director(_state, _said, cluster))
        {
            Happen(director, 3);
            Await(director, "Connection refused", s => s.Trouble);
            postfix.Start($"{{all@shop.example=450 come back later}}, {Gone}");
            Until(() => director.Notifier.Status[0].Trouble?.Contains("450 4.7.1 <all@shop.example>: Recipient address rejected: come back later", StringComparison.Ordinal) == true, () => $"a refusal: {director.Notifier.Status[0]}\n{postfix.Log}");
            Happen(director, 100);
            postfix.Stop();
            postfix.Start(Gone);
            Arrived(director, postfix);

            postfix.Halt();
            Happen(director, 100);
            Await(director, "is too slow", s => s.Trouble);
            Assert.Equal(100, director.Notifier.Status[0].Waiting);
        }
        // What it was told while it stopped stands in the journal, and goes out after the next start.
        using (var director = new Director(_state, _said, cluster))
        {
            Happen(director, 2);
            Await(director, "is too slow", s => s.Trouble);
            postfix.Continue();
            Arrived(director, postfix);
            Await(director, "refuses gone@shop.example (550 5.7.1", s => s.Trouble);
        }

        var mails = postfix.Mails;
        log.WriteLine($"{_last} events in {mails.Count} mails, {_clock.Elapsed.TotalSeconds:F1} s\n{_said}\n{mails[0].Text}");
        Assert.Equal(Enumerable.Range(1, _last), mails.SelectMany(NumbersIn));
        Assert.Equal(mails.Count, mails.Select(m => m.Header("Message-ID")).Distinct().Count());
        Assert.All(mails, m => Assert.Contains("using TLSv1.3", m.Text));
        Assert.All(mails, m => Assert.Equal("auto-generated", m.Header("Auto-Submitted")));
        Assert.Equal("[lvsctl] web/rs1 is down (and 2 more)", mails[0].Header("Subject"));
    }

    void Happen(Director director, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var server = $"rs{++_last}";
            director.Announcer.Tell(new DirectorEvent(EventKinds.ServerDown, $"web/{server} is down", [new(EventFields.Service, "web"), new(EventFields.Server, server)]));
        }
    }

    void Await(Director director, string text, Func<NotifyStatus, string?> of) =>
        Until(() => director.Notifier.Status is [var status] && of(status)?.Contains(text, StringComparison.Ordinal) == true, () => $"'{text}': {director.Notifier.Status[0]}");

    void Arrived(Director director, Postfix postfix) =>
        Until(() => director.Notifier.Status[0].Waiting == 0 && postfix.Mails.Sum(m => NumbersIn(m).Count()) >= _last, () => $"{_last} events: {director.Notifier.Status[0]}\n{postfix.Log}");

    void Until(Func<bool> condition, Func<string> what)
    {
        var began = _clock.Elapsed;
        while (!condition())
        {
            if (_clock.Elapsed - began > s_patience) Assert.Fail($"it did not come to {what()}");
            Thread.Sleep(50);
        }
    }

    static IEnumerable<int> NumbersIn(ReceivedMail mail) => EventLine().Matches(mail.Text).Select(m => int.Parse(m.Groups[1].Value));

    [GeneratedRegex(@"^  web/rs(\d+) is down", RegexOptions.Multiline)]
    private static partial Regex EventLine();

    /// <summary>What of a director notifies.</summary>
    sealed class Director : IDisposable
    {
        readonly DirectorLog _log;
        readonly EventJournal _journal;

        public Director(string state, TextWriter said, ClusterSpec cluster)
        {
            _log = DirectorLog.Open(new LogSpec { Level = LogLevel.Warning }, TextWriter.Synchronized(said));
            _journal = new EventJournal(Path.Combine(state, "events"), DaemonSpec.DefaultJournalSize, TimeProvider.System);
            Announcer = new Announcer(_journal, _log, TimeProvider.System);
            Notifier = new Notifier(_journal, state, Announcer, TimeProvider.System);
            Notifier.Configure(cluster);
        }

        public Announcer Announcer { get; }

        public Notifier Notifier { get; }

        public void Dispose()
        {
            Notifier.Dispose();
            _journal.Dispose();
            _log.Dispose();
        }
    }
}
