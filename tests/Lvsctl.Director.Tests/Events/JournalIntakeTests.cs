using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Director.Logging;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Events;

/// <summary>What lvsctl vrrp writes down is in the director's journal too, once, whatever is killed when.</summary>
public sealed class JournalIntakeTests : IDisposable
{
    readonly string _state = Directory.CreateTempSubdirectory("lvsctl-intake-").FullName;
    readonly ManualClock _clock = new();
    readonly DirectorLog _log = DirectorLog.Open(new LogSpec(), TextWriter.Null);
    EventJournal _vrrp;
    EventJournal _own = null!;
    Announcer _announcer = null!;
    JournalIntake? _intake;

    public JournalIntakeTests()
    {
        _vrrp = new EventJournal(JournalIntake.SourceIn(_state), 1024 * 1024, _clock);
        Begin(isTaking: false);
    }

    public void Dispose()
    {
        _intake?.Dispose();
        _own.Dispose();
        _vrrp.Dispose();
        _log.Dispose();
        Directory.Delete(_state, recursive: true);
    }

    void Begin(bool isTaking = true)
    {
        _own = new EventJournal(EventJournal.In(_state), 1024 * 1024, _clock);
        _announcer = new Announcer(_own, _log, _clock);
        if (isTaking) _intake = new JournalIntake(_announcer, _state, _clock);
    }

    void End()
    {
        _intake?.Dispose();
        _own.Dispose();
    }

    // The last words are not written as they are in order.
    void Kill(Action? meanwhile = null)
    {
        var kept = File.Exists(Position) ? File.ReadAllText(Position) : null;
        End();
        if (kept is null) File.Delete(Position);
        else File.WriteAllText(Position, kept);
        meanwhile?.Invoke();
        Begin();
    }

    string Position => Path.Combine(_state, "vrrp-intake");

    void Happen(string text)
    {
        Pass(0.1);
        _vrrp.Append(new(EventKinds.VrrpTransition, text, [new(EventFields.Router, "edge")]));
    }

    void Pass(double seconds) => _clock.Advance(TimeSpan.FromSeconds(seconds));

    static List<JournalEntry> All(JournalReader reader)
    {
        using (reader)
        {
            var entries = new List<JournalEntry>();
            while (reader.TryRead(out var entry)) entries.Add(entry);
            return entries;
        }
    }

    List<JournalEntry> Own => All(_own.Read(0));

    string Texts => string.Join(' ', Own.Select(e => e.Event.Text));

    string Merged
    {
        get
        {
            using var merge = new JournalMerge(_state);
            var texts = new List<string>();
            while (merge.TryRead(out var entry)) texts.Add(entry.Event.Text);
            return string.Join(' ', texts);
        }
    }

    [Fact]
    public void What_was_there_comes_first_and_what_happens_follows_with_its_own_time()
    {
        Happen("a");
        End();
        Begin();
        _announcer.Tell(DirectorEvents.Stopping("director", flushes: false));
        Happen("b");
        var at = _clock.GetUtcNow();
        Pass(1);

        Assert.Equal(["a", "b"], Own.Where(e => e.Event.VrrpId is not null).Select(e => e.Event.Text));
        Assert.Equal("a", Own[0].Event.Text);
        Assert.Equal((3, at, 2, "edge"), (Own[2].Id, Own[2].Time, Own[2].Event.VrrpId, Own[2].Event["router"]));
        Assert.Equal(2, _announcer.Counts["vrrp.transition"]);
    }

    [Fact]
    public void A_director_that_is_killed_takes_nothing_over_twice_and_misses_nothing()
    {
        Happen("a");
        End();
        Begin();
        Happen("b");
        Pass(1);
        Kill(() => Happen("c"));
        Pass(1);
        Kill();
        End();
        Happen("d");
        Begin();

        Assert.Equal("a b c d", Texts);
    }

    [Fact]
    public void A_journal_that_lost_its_end_with_the_power_and_began_anew_is_taken_over_by_its_times()
    {
        Begin();
        Happen("a");
        Happen("b");
        Pass(1);
        Kill(() =>
        {
            _vrrp.Dispose();
            var file = Directory.GetFiles(JournalIntake.SourceIn(_state)).Single();
            File.WriteAllLines(file, File.ReadAllLines(file)[..1]);
            _vrrp = new EventJournal(JournalIntake.SourceIn(_state), 1024 * 1024, _clock);
            Happen("c");
            Happen("d");
        });

        Assert.Equal("a b c d", Texts);
    }

    [Fact]
    public void A_full_disk_of_the_director_s_loses_no_event()
    {
        Begin();
        Happen("a");
        Pass(1);
        Directory.Delete(EventJournal.In(_state), recursive: true);
        File.WriteAllText(EventJournal.In(_state), "in its place");
        End();
        Happen("b");
        Begin();
        _announcer.Tell(DirectorEvents.Warning("w"));
        Pass(1);
        Happen("c");
        Pass(1);
        File.Delete(EventJournal.In(_state));
        Pass(5);

        Assert.Equal("b w c", Texts);
    }

    [Fact]
    public void Who_looks_without_a_director_sees_both_journals_in_order_of_time()
    {
        Begin();
        Happen("a");
        Pass(1);
        End();
        _intake = null;
        Begin(isTaking: false);
        _announcer.Tell(DirectorEvents.Warning("w"));
        Happen("b");
        Pass(1);
        _announcer.Tell(DirectorEvents.Warning("x"));

        Assert.Equal("a w b x", Merged);
        Assert.Equal("a w x", Texts);
    }

    [Fact]
    public void Who_follows_sees_each_event_once_also_when_a_director_comes_and_takes_them_over()
    {
        using var merge = new JournalMerge(_state);
        var seen = new List<string>();
        Happen("a");
        Look();
        Happen("b");
        End();
        Begin();
        Look();
        Happen("c");
        Look();
        Pass(1);
        Look();
        Happen("d");
        Pass(1);
        Look();

        Assert.Equal(["a", "b", "c", "d"], seen);

        void Look()
        {
            while (merge.TryRead(out var entry)) seen.Add(entry.Event.Text);
        }
    }
}
