using System.Buffers;
using System.Globalization;
using Lvsctl.Core.Health;
using Lvsctl.Director.Probing;

namespace Lvsctl.Director.Tests.Probing;

/// <summary>
/// Servers that say something else than they should: dialogues with changed, lost, doubled and mixed bytes, plain noise, and talk
/// without end. LVSCTL_FUZZ_COUNT and LVSCTL_SEED make the long run of scripts/fuzz out of the short one here.
/// </summary>
public class ConversationFuzzTests(ITestOutputHelper output)
{
    /// <summary>The dialogues of a kind of probe, and how many bytes it listens to at most.</summary>
    static readonly Dictionary<string, (Dialogue[] Dialogues, int Most)> s_kinds = new()
    {
        ["tcp"] = ([TcpAndUdpConversationTests.Ping, TcpAndUdpConversationTests.Agent], 1 << 20),
        ["udp"] = ([TcpAndUdpConversationTests.Datagram], 1 << 16),
        ["http"] = ([HttpConversationTests.Plain, HttpConversationTests.Chunked, HttpConversationTests.Digested, HttpConversationTests.ToTheEnd], 1 << 17),
        ["dns"] = ([DnsConversationTests.Chain, DnsConversationTests.Stream], 1 << 20),
        ["smtp"] = ([SmtpConversationTests.Plain, SmtpConversationTests.Secured], 1 << 19),
        ["mysql"] = ([MySqlConversationTests.Greeting, MySqlConversationTests.Primary, MySqlConversationTests.Switched], 1 << 19),
        ["postgres"] = ([PostgresConversationTests.Trusted, PostgresConversationTests.Refused], 1 << 17),
        ["redis"] = ([RedisConversationTests.Primary], 1 << 16),
    };

    static readonly byte[] s_password = "s3cret"u8.ToArray();

    static readonly byte[] s_noise = [.. Enumerable.Range(0, 4096).Select(n => (byte)(n * 2654435761L >> 13))];

    public static TheoryData<string> Kinds => [.. s_kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Garbled_dialogues_end_without_a_crash_and_do_not_depend_on_their_splits(string kind)
    {
        var count = Setting("LVSCTL_FUZZ_COUNT", 15_000);
        var seed = Setting("LVSCTL_SEED", 20261122);
        var (dialogues, _) = s_kinds[kind];
        int good = 0, bad = 0;
        long most = 0;
        for (var round = 0; round < count; round++)
        {
            var random = new Random(unchecked(seed * 1_000_003 + round));
            var dialogue = dialogues[random.Next(dialogues.Length)];
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var said = new ArrayBufferWriter<byte>();
                var one = dialogue.NewConversation();
                one.Begin(said);
                var asked = said.WrittenSpan.ToArray();
                var words = dialogue.ServerSide.Select(w => Garbled(random, w(asked))).ToList();
                var finding = Hear(one, words, dialogue.IsInDatagrams ? null : random);
                // What comes between STARTTLS and TLS is seen only if it comes with the one or the other.
                if (!dialogue.IsInDatagrams && !dialogue.HasTls)
                {
                    var other = dialogue.NewConversation();
                    other.Begin(new ArrayBufferWriter<byte>());
                    Assert.Equal(finding, Hear(other, [[.. words.SelectMany(w => w)]], random));
                }
                if (finding.Reason == ProbeReason.Ok) good++;
                else bad++;
            }
            catch (Exception e)
            {
                Assert.Fail($"round {round} of seed {seed}: {e}");
            }
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        output.WriteLine($"{kind}: seed {seed}, {good} good and {bad} bad; at most {most / 1024} KiB allocated in one");
        // Both must happen, or the changes are too tame or too wild to reach anything.
        Assert.InRange(good, count / 100, count);
        Assert.InRange(bad, count / 100, count);
        Assert.InRange(most, 0, 8 << 20);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Talk_without_end_is_given_up(string kind)
    {
        var count = Math.Max(20, Setting("LVSCTL_FUZZ_COUNT", 15_000) / 200);
        var seed = Setting("LVSCTL_SEED", 20261122);
        var (dialogues, most) = s_kinds[kind];
        for (var round = 0; round < count; round++)
        {
            var random = new Random(unchecked(seed * 1_000_003 + round));
            var dialogue = dialogues[random.Next(dialogues.Length)];
            var conversation = dialogue.NewConversation();
            var say = new ArrayBufferWriter<byte>();
            var turn = conversation.Begin(say);
            var asked = say.WrittenSpan.ToArray();
            // As it should be up to some move, and from there on the same without end.
            var moves = dialogue.ServerSide;
            var proper = random.Next(moves.Count);
            for (var n = 0; n < proper && turn != Turn.Hang; n++) turn = Next(conversation, turn, moves[n](asked), say);
            var endless = random.Next(4) switch
            {
                0 => Endless(random),
                1 => Garbled(random, moves[proper](asked)),
                2 => moves[proper](asked)[..random.Next(1, moves[proper](asked).Length)],
                _ => [(byte)random.Next(256)],
            };
            if (endless.Length == 0) endless = [0];
            var heard = 0;
            while (turn != Turn.Hang)
            {
                Assert.True(heard <= most + endless.Length, $"round {round} of seed {seed} still listens after {heard} bytes");
                turn = Next(conversation, turn, endless, say);
                heard += endless.Length;
            }
            Assert.InRange(say.WrittenCount, 0, 4096);
            Dialogue.Fit(conversation.Finding);
            conversation.Forget();
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_probe_whose_answer_is_good_takes_no_memory(string kind)
    {
        foreach (var dialogue in s_kinds[kind].Dialogues)
        {
            var conversation = dialogue.NewConversation(secret: Password);
            var say = new ArrayBufferWriter<byte>(1024);
            conversation.Begin(say);
            var words = dialogue.ServerSide.Select(w => w(say.WrittenSpan.ToArray())).ToArray();
            long before = 0;
            for (var n = 0; n < 600; n++)
            {
                if (n == 500) before = GC.GetAllocatedBytesForCurrentThread();
                say.ResetWrittenCount();
                var turn = conversation.Begin(say);
                foreach (var word in words)
                {
                    // DNS asks with another number each time.
                    if (kind == "dns") say.WrittenSpan[..(dialogue.IsInDatagrams ? 2 : 4)].CopyTo(word);
                    if (dialogue == DnsConversationTests.Stream) (word[0], word[1]) = ((byte)((word.Length - 2) >> 8), (byte)(word.Length - 2));
                    if (turn != Turn.Hang) turn = Next(conversation, turn, word, say);
                }
                if (turn != Turn.Hang) conversation.End();
                conversation.Forget();
            }
            var each = (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
            if (dialogue == PostgresConversationTests.Refused) continue;
            Assert.Equal(ProbeReason.Ok, conversation.Finding.Reason);
            output.WriteLine($"{kind}: {each} bytes");
            // A digest is made by an object of the platform.
            Assert.InRange(each, 0, dialogue == HttpConversationTests.Digested ? 400 : 0);
        }

        static byte[] Password(string file) => s_password;
    }

    static Finding Hear(Conversation conversation, IReadOnlyList<byte[]> words, Random? splits)
    {
        var say = new ArrayBufferWriter<byte>();
        var turn = Turn.Listen;
        foreach (var word in words)
        {
            for (var at = 0; at < word.Length && turn != Turn.Hang;)
            {
                var length = splits is null ? word.Length : Math.Min(word.Length - at, splits.Next(1, splits.Next(2) == 0 ? 4 : 64));
                turn = Next(conversation, turn, word.AsSpan(at, length), say);
                at += length;
            }
        }
        if (turn == Turn.Secure) turn = conversation.Secured(say);
        if (turn != Turn.Hang) turn = conversation.End();
        Assert.Equal(Turn.Hang, turn);
        Assert.InRange(say.WrittenCount, 0, 4096);
        conversation.Forget();
        return Dialogue.Fit(conversation.Finding);
    }

    /// <summary>TLS, if asked for, is agreed on when the next bytes come.</summary>
    static Turn Next(Conversation conversation, Turn turn, ReadOnlySpan<byte> bytes, IBufferWriter<byte> say)
    {
        if (turn == Turn.Secure && (turn = conversation.Secured(say)) != Turn.Listen) return turn;
        return conversation.Receive(bytes, say);
    }

    static byte[] Endless(Random random)
    {
        var bytes = new byte[random.Next(1, 5000)];
        random.NextBytes(bytes);
        return bytes;
    }

    static byte[] Garbled(Random random, byte[] words)
    {
        // Left whole now and then, so that what comes later is reached.
        if (random.Next(2) == 0) return words;
        var bytes = words.ToList();
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var at = bytes.Count == 0 ? 0 : random.Next(bytes.Count);
            var some = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(9))
            {
                case 0 when bytes.Count > 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1 when bytes.Count > 0: bytes[at] = (byte)random.Next(256); break;
                case 2 when bytes.Count > 0: bytes[at] = (byte)(random.Next(2) * 255); break;
                case 3: bytes.RemoveRange(at, some); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(at, some)); break;
                case 5: bytes.RemoveRange(at, bytes.Count - at); break;
                case 6: bytes.InsertRange(at, s_noise.AsSpan(random.Next(s_noise.Length - 64), random.Next(1, 64)).ToArray()); break;
                case 7: bytes.Insert(at, "\r\n :;,-+*$0\0"u8[random.Next(12)]); break;
                case 8: bytes.InsertRange(at, Enumerable.Repeat((byte)random.Next(32, 127), random.Next(4) == 0 ? 5000 : 20)); break;
            }
        }
        return [.. bytes];
    }

    static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;
}
