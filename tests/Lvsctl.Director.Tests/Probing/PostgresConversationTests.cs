using System.Buffers.Binary;
using System.Text;
using Lvsctl.Core.Health;
using static Lvsctl.Core.Cluster.ProbeSpec;

namespace Lvsctl.Director.Tests.Probing;

public class PostgresConversationTests
{
    static readonly byte[] s_terminate = [(byte)'X', 0, 0, 0, 4];

    internal static readonly Dialogue Trusted = Asking()
        .Hears([.. Message('R', "\0\0\0\0"), .. Message('S', "server_version\017.2\0"), .. Message('K', "\0\0\0\x01\0\0\0\x02"), .. Message('Z', "I")])
        .Says(s_terminate);

    internal static readonly Dialogue Refused = Asking().Hears(Error("FATAL", "53300", "sorry, too many clients already"));

    static Dialogue Asking() => new Dialogue(new Postgres())
        .Says("\0\0\0\x27\0\x03\0\0user\0lvsctl\0database\0postgres\0\0");

    static byte[] Message(char type, string payload)
    {
        var message = new byte[5 + payload.Length];
        message[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), 4 + payload.Length);
        Encoding.Latin1.GetBytes(payload).CopyTo(message, 5);
        return message;
    }

    static byte[] Error(string severity, string state, string text) => Message('E', $"S{severity}\0V{severity}\0C{state}\0M{text}\0Fpostmaster.c\0\0");

    [Fact]
    public void A_server_that_lets_us_in_is_up() => Trusted.Finds(ProbeReason.Ok);

    [Theory]
    [InlineData("\0\0\0\x03")]
    [InlineData("\0\0\0\x05salt")]
    [InlineData("\0\0\0\x0aSCRAM-SHA-256\0\0")]
    public void A_server_that_wants_a_password_is_up(string request) => Asking().Hears(Message('R', request)).Finds(ProbeReason.Ok);

    [Theory]
    [InlineData("28000", "no pg_hba.conf entry for host \"192.0.2.1\"")]
    [InlineData("28P01", "password authentication failed for user \"lvsctl\"")]
    [InlineData("3D000", "database \"postgres\" does not exist")]
    public void A_server_that_does_not_like_us_is_up(string state, string text) => Asking().Hears(Error("FATAL", state, text)).Finds(ProbeReason.Ok);

    [Theory]
    [InlineData("57P03", "the database system is starting up")]
    [InlineData("57P01", "terminating connection due to administrator command")]
    [InlineData("53300", "sorry, too many clients already")]
    [InlineData("XX000", "could not read file")]
    [InlineData("08P01", "server login failed")]
    public void A_server_that_cannot_serve_is_down(string state, string text) =>
        Asking().Hears(Error("FATAL", state, text)).Finds(ProbeReason.Unexpected, $"{state}: {text}");

    [Fact]
    public void It_may_turn_us_away_after_letting_us_in() =>
        Asking().Hears(Message('R', "\0\0\0\0")).Hears(Error("FATAL", "53300", "remaining connection slots are reserved"))
            .Finds(ProbeReason.Unexpected, "53300: remaining connection slots are reserved");

    [Fact]
    public void A_server_out_of_processes_says_so_in_the_old_form() =>
        Asking().Hears("Ecould not fork new process for connection: Resource temporarily unavailable\n\0")
            .Finds(ProbeReason.Unexpected, "refuses without a reason, as when it cannot start another process");

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "no PostgreSQL reply")]
    [InlineData("S\0\0\0\x04", "no PostgreSQL reply")]
    [InlineData("R\0\0\0\x03", "no PostgreSQL reply")]
    [InlineData("R\x7f\xff\xff\xff", "no PostgreSQL reply")]
    [InlineData("R\0\0\0\x06\0\0", "malformed authentication request")]
    [InlineData("E\0\0\0\x06SF", "malformed error")]
    [InlineData("E\0\0\0\x05\0", "error without a code")]
    public void What_is_no_PostgreSQL_is_told(string reply, string detail) => Asking().Hears(reply).Finds(ProbeReason.BadReply, detail);

    [Fact]
    public void Notices_without_end_are_given_up() =>
        Asking().Hears(Enumerable.Repeat(Message('N', new string('x', 9000)), 8).SelectMany(m => m).ToArray())
            .Finds(ProbeReason.BadReply, "more than 64 KiB without being ready");

    [Fact]
    public void A_server_that_hangs_up_is_closed()
    {
        Asking().HearsTheEnd().Finds(ProbeReason.Closed, "closed without an answer");
        Asking().Hears(Message('R', "\0\0\0\0")).HearsTheEnd().Finds(ProbeReason.Closed, "closed before it was ready");
    }
}
