using System.Net;
using System.Net.Sockets;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.State;
using Lvsctl.Linux.Descriptors;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.State;

public sealed class StateStoreTests : IDisposable
{
    static readonly ServiceKey s_web = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("2001:db8::1"), 80);
    static readonly RealServerKey s_server = new(IPAddress.Parse("10.1.0.1"), 80);

    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-test-").FullName;
    readonly ManualClock _clock = new();

    StateStore Store => new(_directory, _clock);

    [Fact]
    public void Two_states_of_one_length_written_in_one_moment_are_told_apart()
    {
        var store = new StateStore(_directory, TimeProvider.System);
        for (var i = 10; i < 90; i++)
        {
            store.Write(DirectorState.Empty with { Intents = [new Intent(IntentKind.Weight, "rs1", null, DateTimeOffset.UnixEpoch) { Weight = i }] });
            Assert.Equal(i, store.Read().Intents[0].Weight);
        }
    }

    [Fact]
    public void Where_there_is_no_file_the_state_is_empty() => Assert.Same(DirectorState.Empty, Store.Read());

    [Fact]
    public void What_is_written_is_read_back_the_same()
    {
        var since = new DateTimeOffset(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);
        var state = new DirectorState(
            [
                new Intent(IntentKind.Drain, "rs1", "web", since) { Deadline = since.AddMinutes(10), Then = DrainEnd.Hold },
                new Intent(IntentKind.Weight, "rs2", null, since) { Weight = 7 },
            ],
            new Ownership([s_web, ServiceKey.Marked(7, IpFamily.IPv6)], [(s_web, s_server)]),
            new Dictionary<(ServiceKey, RealServerKey), DateTimeOffset> { [(s_web, s_server)] = since });

        Store.Write(state);
        var read = Store.Read();

        Assert.Equal(state.Intents, read.Intents);
        Assert.True(state.Ownership.SameAs(read.Ownership));
        Assert.Equal(state.Leaving, read.Leaving);
    }

    [Theory]
    [InlineData("state.json")]
    [InlineData("lock")]
    public async Task A_directory_in_a_files_place_is_named_and_no_matter_of_rights(string name)
    {
        Directory.CreateDirectory(Path.Combine(_directory, name));
        var error = await Assert.ThrowsAsync<StateException>(async () =>
        {
            using var held = await Store.LockAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);
            Store.Read();
        });
        Assert.Equal(StateProblem.File, error.Problem);
        Assert.Equal($"{Path.Combine(_directory, name)} is a directory, and a file should be there: move it away", error.Message);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{ "version": 2, "intents": [], "owned": {}, "leaving": [] }""")]
    [InlineData("""{ "version": 1, "intents": [], "owned": { "tcp nowhere": [] }, "leaving": [] }""")]
    [InlineData("""{ "version": 1, "intents": [{ "kind": "Sleep", "server": "a", "since": "2026-11-22T10:00:00Z" }], "owned": {}, "leaving": [] }""")]
    [InlineData("""{ "version": 1 }""")]
    public void A_damaged_file_is_an_error_that_names_it_and_never_an_empty_state(string text)
    {
        File.WriteAllText(Store.Path, text);

        var error = Assert.Throws<StateException>(() => Store.Read());

        Assert.Equal(StateProblem.File, error.Problem);
        Assert.Contains(Store.Path, error.Message);
    }

    [Fact]
    public void A_write_that_fails_leaves_the_old_state()
    {
        Store.Write(DirectorState.Empty with { Ownership = new Ownership([s_web], []) });
        Directory.CreateDirectory(Store.Path + ".new"); // the draft's name is taken

        Assert.Throws<StateException>(() => Store.Write(DirectorState.Empty));

        Assert.True(Store.Read().Ownership.Owns(s_web));
    }

    [Fact]
    public async Task Of_two_runs_one_has_the_lock()
    {
        using (await Store.LockAsync(TimeSpan.Zero, CancellationToken.None))
        {
            var error = await Assert.ThrowsAsync<StateException>(() => Store.LockAsync(TimeSpan.Zero, CancellationToken.None));
            Assert.Equal(StateProblem.Locked, error.Problem);
        }
        using var again = await Store.LockAsync(TimeSpan.Zero, CancellationToken.None);
    }

    [Fact]
    public async Task A_lock_that_cannot_be_had_at_all_is_not_taken_for_another_run()
    {
        // Nobody can open a socket: ENXIO, as ENOSPC, EROFS or EMFILE might be.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(_directory, "lock")));

        var error = await Assert.ThrowsAsync<StateException>(() => Store.LockAsync(TimeSpan.Zero, CancellationToken.None));

        Assert.Equal(StateProblem.File, error.Problem);
        Assert.Contains("cannot lock", error.Message);
    }

    [Fact]
    public void A_directory_is_put_on_the_disk_or_it_is_said_that_it_cannot_be()
    {
        DirectoryDescriptor.FlushToDisk(_directory);

        Assert.Contains("No such file", Assert.Throws<IOException>(() => DirectoryDescriptor.FlushToDisk(Path.Combine(_directory, "none"))).Message);
    }

    [Theory]
    [InlineData("tcp 10.0.0.1:80")]
    [InlineData("udp [2001:db8::1]:53")]
    [InlineData("sctp 0.0.0.0:0")]
    [InlineData("fwmark 4294967295")]
    [InlineData("fwmark 7 ipv6")]
    public void A_key_reads_back_from_its_own_text(string text)
    {
        Assert.True(KeyText.TryReadService(text, out var key));
        Assert.Equal(text, key.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("tcp")]
    [InlineData("tcp 10.0.0.1")]
    [InlineData("tcp 2001:db8::1")]
    [InlineData("tcp [2001:db8::1]")]
    [InlineData("icmp 10.0.0.1:80")]
    [InlineData("fwmark 0")]
    [InlineData("fwmark -1")]
    [InlineData("fwmark 7 ipv4")]
    [InlineData("tcp 10.0.0.1:80 x")]
    public void What_is_no_key_is_not_read_as_one(string text) => Assert.False(KeyText.TryReadService(text, out _));

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
