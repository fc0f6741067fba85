using System.Buffers;
using System.Net;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Director.Probing;
using Lvsctl.Director.Probing.Conversations;

namespace Lvsctl.Director.Tests.Probing;

/// <summary>
/// What server and probe say to each other, in turn, written as in a play. It is performed as written, byte by byte, all at once, and
/// once more by the same probe: the finding must not depend on how the wire cuts it. Text is Latin-1, so that \xff is one byte.
/// </summary>
sealed class Dialogue
{
    abstract record Move;
    sealed record Server(Func<byte[], byte[]> Words, bool Echoes = false) : Move;
    sealed record Probe(byte[] Words) : Move;
    sealed record Tls : Move;
    sealed record Close : Move;

    readonly List<Move> _moves = [];
    readonly ProbeTarget _target;
    bool _datagrams;

    public Dialogue(ProbeSpec probe, AgentWeightSpec? weight = null, string address = "192.0.2.1", ushort? port = null) =>
        _target = new(new("check", probe) { Weight = weight }, IPAddress.Parse(address), port ?? probe.UsualPort ?? 7);

    public static Dialogue Of(ProbeSpec probe) => new(probe);

    /// <summary>The wire keeps the boundaries.</summary>
    public Dialogue InDatagrams()
    {
        _datagrams = true;
        return this;
    }

    public Dialogue Hears(string words) => Hears(Encoding.Latin1.GetBytes(words));

    public Dialogue Hears(params byte[] words) => With(new Server(_ => words));

    /// <param name="words">What the server says, made from all that the probe has said so far.</param>
    public Dialogue Hears(Func<byte[], byte[]> words) => With(new Server(words, Echoes: true));

    public Dialogue Says(string words) => Says(Encoding.Latin1.GetBytes(words));

    public Dialogue Says(params byte[] words) => With(new Probe(words));

    public Dialogue Secures() => With(new Tls());

    public Dialogue HearsTheEnd() => With(new Close());

    public Conversation NewConversation(uint seed = 1, Func<string, byte[]?>? secret = null) =>
        Conversations.Create(_target, new("lb.example", secret ?? (_ => "s3cret"u8.ToArray()), seed))!;

    public Finding Finds(ProbeReason reason, string? detail = null, AgentWord word = default)
    {
        var wanted = new Finding(reason, detail, word);
        var conversation = NewConversation();
        Assert.Equal(wanted, Perform(conversation, int.MaxValue));
        Assert.Equal(wanted, Perform(conversation, int.MaxValue));
        if (!_datagrams)
        {
            Assert.Equal(wanted, Perform(NewConversation(), 1));
            Assert.Equal(wanted, Perform(NewConversation(), 2));
            Assert.Equal(wanted, Perform(NewConversation(), 7));
            if (!HasTls) Assert.Equal(wanted, AllAtOnce(NewConversation()));
        }
        return wanted;
    }

    /// <summary>The server's side alone, for whoever wants to garble it.</summary>
    public IReadOnlyList<Func<byte[], byte[]>> ServerSide => [.. _moves.OfType<Server>().Select(s => s.Words)];

    public bool IsInDatagrams => _datagrams;

    public bool HasTls => _moves.Any(m => m is Tls);

    Dialogue With(Move move)
    {
        _moves.Add(move);
        return this;
    }

    Finding Perform(Conversation conversation, int step)
    {
        var say = new ArrayBufferWriter<byte>();
        var turn = conversation.Begin(say);
        var checkedUpTo = 0;
        foreach (var move in _moves)
        {
            switch (move)
            {
                case Server server:
                    if (server.Echoes) checkedUpTo = say.WrittenCount;
                    Assert.Equal(checkedUpTo, say.WrittenCount);
                    Assert.Equal(Turn.Listen, turn);
                    var words = server.Words(say.WrittenSpan.ToArray());
                    for (var at = 0; at < words.Length && turn == Turn.Listen; at += Math.Min(step, words.Length - at))
                    {
                        turn = conversation.Receive(words.AsSpan(at, Math.Min(step, words.Length - at)), say);
                    }
                    break;
                case Probe probe:
                    Assert.Equal(Printable(probe.Words), Printable(say.WrittenSpan[checkedUpTo..Math.Min(say.WrittenCount, checkedUpTo + probe.Words.Length)]));
                    checkedUpTo += probe.Words.Length;
                    break;
                case Tls:
                    Assert.Equal(Turn.Secure, turn);
                    turn = conversation.Secured(say);
                    break;
                case Close:
                    Assert.Equal(Turn.Listen, turn);
                    turn = conversation.End();
                    break;
            }
        }
        Assert.Equal(Turn.Hang, turn);
        Assert.Equal("", Printable(say.WrittenSpan[checkedUpTo..]));
        conversation.Forget();
        return Fit(conversation.Finding);
    }

    Finding AllAtOnce(Conversation conversation)
    {
        var say = new ArrayBufferWriter<byte>();
        var turn = conversation.Begin(say);
        var asked = say.WrittenSpan.ToArray();
        var words = _moves.OfType<Server>().SelectMany(s => s.Words(asked)).ToArray();
        if (words.Length > 0 && turn == Turn.Listen) turn = conversation.Receive(words, say);
        if (turn == Turn.Listen && _moves.Any(m => m is Close)) turn = conversation.End();
        Assert.Equal(Turn.Hang, turn);
        conversation.Forget();
        return Fit(conversation.Finding);
    }

    public static Finding Fit(Finding finding)
    {
        if (finding.Detail is { } detail)
        {
            Assert.InRange(detail.Length, 1, 200);
            Assert.DoesNotContain(detail, char.IsControl);
        }
        return finding;
    }

    static string Printable(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var b in bytes) text.Append(b switch { > 0x1f and < 0x7f => ((char)b).ToString(), (byte)'\r' => "\\r", (byte)'\n' => "\\n", _ => $"\\x{b:x2}" });
        return text.ToString();
    }
}
