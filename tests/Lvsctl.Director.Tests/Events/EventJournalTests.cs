using Lvsctl.Core.Events;
using Lvsctl.Director.Events;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Events;

public sealed class EventJournalTests : IDisposable
{
    const long Size = 1024 * 1024;

    readonly string _root = Directory.CreateTempSubdirectory("lvsctl-journal-").FullName;
    readonly ManualClock _clock = new();

    string Folder => Path.Combine(_root, "events");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_happened_is_read_back_in_order_with_all_its_facts()
    {
        using (var journal = Open())
        {
            journal.Append(DirectorEvents.Started(1, 2, 3));
            _clock.Advance(TimeSpan.FromSeconds(1.5));
            journal.Append(new(EventKinds.ServerDown, "web/rs1 is down: \"no\"\nnewline", [new(EventFields.Service, "web"), new(EventFields.RttMs, 1.25)]));
        }

        var read = Read();

        Assert.Equal([1, 2], read.Select(e => e.Id));
        Assert.Equal("lvsctl runs: 1 services, 2 servers, 3 probes", read[0].Event.Text);
        Assert.Equal((EventKinds.ServerDown, "web", "1.25"), (read[1].Event.Kind, read[1].Event.Service, read[1].Event[EventFields.RttMs]));
        Assert.Equal("web/rs1 is down: \"no\"\nnewline", read[1].Event.Text);
        Assert.Equal("1970-01-01T00:00:01.500Z", read[1].TimeText);
    }

    [Fact]
    public void Numbers_go_on_over_restarts()
    {
        Write(3);
        Write(2);

        Assert.Equal([1, 2, 3, 4, 5], Read().Select(e => e.Id));
    }

    [Fact]
    public void A_process_that_is_killed_loses_nothing_that_it_said()
    {
        // Neither flushed nor disposed.
        var journal = Open();
        journal.Append(DirectorEvents.Warning("one"));

        Assert.Equal("one", Assert.Single(Read()).Event.Text);
        journal.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(60)]
    public void Half_a_line_at_the_end_is_a_crash_and_goes(int bytes)
    {
        Write(3);
        var file = Assert.Single(Directory.GetFiles(Folder));
        using (var broken = File.OpenWrite(file)) broken.SetLength(broken.Length - bytes);

        using (var journal = Open())
        {
            Assert.Null(journal.Trouble);
            journal.Append(DirectorEvents.Warning("after the crash"));
        }

        Assert.Equal([(1, "warning 1"), (2, "warning 2"), (3, "after the crash")], Read().Select(e => ((int)e.Id, e.Event.Text)));
    }

    [Fact]
    public void Damage_in_the_middle_costs_what_is_damaged_and_is_told()
    {
        Write(5);
        var file = Assert.Single(Directory.GetFiles(Folder));
        var text = File.ReadAllBytes(file);
        var second = text.AsSpan().IndexOf((byte)'\n') + 1;
        text.AsSpan(second, 30).Fill(0xff);
        File.WriteAllBytes(file, text);

        using (var journal = Open())
        {
            Assert.Contains("1 lines", journal.Trouble);
            journal.Append(DirectorEvents.Warning("on"));
        }

        Assert.Equal([1, 3, 4, 5, 6], Read().Select(e => e.Id));
    }

    [Fact]
    public void A_file_of_nothing_but_garbage_takes_no_number_twice()
    {
        Write(2);
        var file = Assert.Single(Directory.GetFiles(Folder));
        File.WriteAllText(file, "garbage\nmore garbage\n");

        using var journal = Open();

        Assert.NotNull(journal.Trouble);
        Assert.Equal(3, journal.Append(DirectorEvents.Warning("on")).Id);
        Assert.Equal("on", Assert.Single(Read()).Event.Text);
    }

    [Fact]
    public void It_takes_no_more_room_than_it_may_and_the_oldest_go()
    {
        using (var journal = new EventJournal(Folder, 256 * 1024, _clock))
        {
            for (var i = 1; i <= 20_000; i++) journal.Append(DirectorEvents.Warning($"warning {i}"));
        }

        Assert.InRange(Directory.GetFiles(Folder).Sum(f => new FileInfo(f).Length), 128 * 1024, 256 * 1024);
        var read = Read();
        Assert.Equal(20_000, read[^1].Id);
        Assert.Equal(Enumerable.Range((int)read[0].Id, read.Count).Select(i => (long)i), read.Select(e => e.Id));
    }

    [Theory]
    [InlineData(16 * 1024 * 1024, 12_000)]
    [InlineData(256 * 1024, 0)]
    public void Of_many_at_once_all_are_there_as_far_as_there_is_room(int size, int expected)
    {
        using (var journal = new EventJournal(Folder, size, _clock))
        {
            journal.AppendAll(Enumerable.Range(1, 12_000).Select(i => DirectorEvents.Warning($"warning {i}")));
            Assert.Equal((12_000, 0), (journal.LastId, journal.Dropped));
        }

        Assert.InRange(Directory.GetFiles(Folder).Sum(f => new FileInfo(f).Length), 1, size);
        var read = Read();
        Assert.Equal(expected == 0 ? read.Count : expected, read.Count);
        Assert.Equal(12_000, read[^1].Id);
        Assert.All(read, e => Assert.Equal($"warning {e.Id}", e.Event.Text));
    }

    [Fact]
    public void Who_reads_too_slowly_is_told_how_much_was_lost()
    {
        using var journal = new EventJournal(Folder, 64 * 1024, _clock);
        journal.Append(DirectorEvents.Warning("first"));
        using var reader = journal.Read(after: 0);
        Assert.True(reader.TryRead(out _));
        reader.Dispose();

        for (var i = 2; i <= 5_000; i++) journal.Append(DirectorEvents.Warning($"warning {i}"));
        using var later = journal.Read(after: 1);
        Assert.True(later.TryRead(out var next));

        Assert.True(next.Id > 2);
        Assert.Equal(next.Id - 2, later.Lost);
    }

    [Fact]
    public void A_disk_that_takes_nothing_loses_nothing_once_it_does()
    {
        File.WriteAllText(Folder, "a file where the directory should be");
        using var journal = Open();
        journal.Append(DirectorEvents.Warning("one"));
        journal.Append(DirectorEvents.Warning("two"));
        Assert.Contains("2 events wait", journal.Trouble);

        File.Delete(Folder);
        journal.Append(DirectorEvents.Warning("three"));

        Assert.Null(journal.Trouble);
        Assert.Equal(["one", "two", "three"], Read().Select(e => e.Event.Text));
    }

    [Fact]
    public void A_manifest_with_a_thousand_mistakes_is_an_event_that_can_be_read()
    {
        using var journal = Open();
        journal.Append(DirectorEvents.ReloadRefused(string.Join("; ", Enumerable.Range(1, 5_000).Select(n => $"cluster.yaml:{n}:1: error LVS001: no"))));

        var read = Assert.Single(Read());
        Assert.StartsWith("manifest refused, the old one stays in force: cluster.yaml:1:1", read.Event.Text);
        Assert.Contains("characters more in the log", read.Event.Text);
    }

    [Fact]
    public async Task Who_waits_is_woken()
    {
        using var journal = Open();
        var waiting = journal.WaitAsync(0, CancellationToken.None);
        Assert.False(waiting.IsCompleted);

        journal.Append(DirectorEvents.Warning("now"));

        await waiting;
        Assert.True(journal.WaitAsync(0, CancellationToken.None).IsCompleted);
        Assert.False(journal.WaitAsync(1, CancellationToken.None).IsCompleted);
    }

    [Fact]
    public void A_reader_goes_on_while_it_is_written_and_over_the_ends_of_files()
    {
        using var journal = new EventJournal(Folder, 10 * Size, _clock);
        using var reader = journal.Read(0);
        var read = new List<long>();
        for (var i = 1; i <= 30_000; i++)
        {
            journal.Append(DirectorEvents.Warning($"a warning with some words in it, number {i}"));
            if (i % 7 != 0) continue;
            while (reader.TryRead(out var entry)) read.Add(entry.Id);
        }
        while (reader.TryRead(out var entry)) read.Add(entry.Id);

        Assert.True(Directory.GetFiles(Folder).Length > 1);
        Assert.Equal(Enumerable.Range(1, 30_000).Select(i => (long)i), read);
        Assert.Equal(0, reader.Lost);
    }

    EventJournal Open() => new(Folder, Size, _clock);

    void Write(int count)
    {
        using var journal = Open();
        for (var i = 1; i <= count; i++) journal.Append(DirectorEvents.Warning($"warning {i}"));
    }

    List<JournalEntry> Read()
    {
        using var reader = new JournalReader(Folder, 0);
        var read = new List<JournalEntry>();
        while (reader.TryRead(out var entry)) read.Add(entry);
        return read;
    }
}
