using System.Text;
using Lvsctl.Core.Health;
using static Lvsctl.Core.Cluster.ProbeSpec;

namespace Lvsctl.Director.Tests.Probing;

public class MySqlConversationTests
{
    const string Native = "mysql_native_password";
    const string Sha2 = "caching_sha2_password";

    // Made from "s3cret" and the nonces below with Python's hashlib.
    const string NativeAnswer = "8510605a5ec0d3d958058636e0a2ebdfcf34be4c";
    const string Sha2Answer = "5661ac17cec0e6001d3747b3aaa0d0c1927fdc43c56deeab05d4c42d73b2b642";
    const string SwitchedAnswer = "3a3d62d9ef9b3999eccc71fb46e63b446014eeab";

    static readonly byte[] s_ok = Packet(2, [0, 0, 0, 2, 0, 0, 0]);
    static readonly byte[] s_quit = Packet(0, [1]);
    static readonly byte[] s_query = Packet(0, [3, .. "SELECT @@global.read_only"u8]);

    internal static readonly Dialogue Greeting = new Dialogue(new MySql())
        .Hears(Greets(Native)).Says(Answer("lvsctl", "", Native))
        .Hears(Error(2, 1045, "#28000", "Access denied for user 'lvsctl'@'192.0.2.1' (using password: NO)"));

    internal static readonly Dialogue Primary = LoggedIn(DatabaseRole.Primary).Says(s_query).Hears(ReadOnly("0")).Says(s_quit);

    internal static readonly Dialogue Switched = new Dialogue(new MySql { User = "probe", PasswordFile = "/etc/pw" })
        .Hears(Greets(Sha2)).Says(Answer("probe", Sha2Answer, Sha2))
        .Hears(Packet(2, [0xfe, .. Text(Native), 0, .. "ABCDEFGHIJKLMNOPQRST"u8, 0])).Says(Packet(3, Convert.FromHexString(SwitchedAnswer)))
        .Hears(Packet(4, [0, 0, 0, 2, 0, 0, 0])).Says(s_quit);

    static Dialogue LoggedIn(DatabaseRole role) => new Dialogue(new MySql { User = "probe", PasswordFile = "/etc/pw", Role = role })
        .Hears(Greets(Native)).Says(Answer("probe", NativeAnswer, Native)).Hears(s_ok);

    static byte[] Packet(byte sequence, params byte[] payload) => [(byte)payload.Length, (byte)(payload.Length >> 8), (byte)(payload.Length >> 16), sequence, .. payload];

    static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);

    static byte[] Greets(string method) => Packet(0,
        [10, .. Text("5.5.5-10.11.6-MariaDB-0+deb12u1"), 0, 7, 0, 0, 0, .. "abcdefgh"u8, 0, 0xfe, 0xf7, 45, 2, 0, 0xff, 0x81, 21,
        .. new byte[6], 0x1d, 0, 0, 0, .. "ijklmnopqrst"u8, 0, .. Text(method), 0]);

    static byte[] Answer(string user, string answer, string method) => Packet(1,
        [0, 0xa2, 8, 0, 0, 0, 0x10, 0, 33, .. new byte[23], .. Text(user), 0, (byte)(answer.Length / 2), .. Convert.FromHexString(answer), .. Text(method), 0]);

    static byte[] Error(byte sequence, ushort code, string state, string text) => Packet(sequence, [0xff, (byte)code, (byte)(code >> 8), .. Text(state), .. Text(text)]);

    static byte[] ReadOnly(string value) =>
    [
        .. Packet(1, [1]),
        .. Packet(2, [3, .. "def"u8, 0, 0, 0, 18, .. "@@global.read_only"u8, 0, 12, 63, 0, 1, 0, 0, 0, 8, 0x80, 0, 0, 0, 0]),
        .. Packet(3, [0xfe, 0, 0, 2, 0]),
        .. Packet(4, [(byte)value.Length, .. Text(value)]),
        .. Packet(5, [0xfe, 0, 0, 2, 0]),
    ];

    [Fact]
    public void Without_a_user_the_handshake_is_ended_properly_and_a_refusal_is_fine() => Greeting.Finds(ProbeReason.Ok);

    [Fact]
    public void Without_a_user_whatever_follows_the_greeting_is_fine()
    {
        var greeted = () => new Dialogue(new MySql()).Hears(Greets(Sha2)).Says(Answer("lvsctl", "", Sha2));
        greeted().Hears(s_ok).Says(s_quit).Finds(ProbeReason.Ok);
        greeted().HearsTheEnd().Finds(ProbeReason.Ok);
        greeted().Hears(Packet(2, [0xfe, .. Text(Sha2), 0, .. new byte[20], 0])).Says(Packet(3))
            .Hears(Error(4, 1045, "#28000", "no")).Finds(ProbeReason.Ok);
        greeted().Hears(Packet(2, [0xfe, .. Text("client_ed25519"), 0, .. new byte[32]])).Says(Packet(3, new byte[64])).Finds(ProbeReason.Ok);
    }

    [Fact]
    public void With_a_user_the_log_in_must_succeed()
    {
        LoggedIn(DatabaseRole.Any).Says(s_quit).Finds(ProbeReason.Ok);
        new Dialogue(new MySql { User = "probe" }).Hears(Greets(Native)).Says(Answer("probe", "", Native))
            .Hears(Error(2, 1045, "#28000", "Access denied for user 'probe'")).Finds(ProbeReason.Unexpected, "error 1045: Access denied for user 'probe'");
    }

    [Fact]
    public void A_cached_password_is_accepted() =>
        new Dialogue(new MySql { User = "probe", PasswordFile = "/etc/pw" }).Hears(Greets(Sha2)).Says(Answer("probe", Sha2Answer, Sha2))
            .Hears([.. Packet(2, [1, 3]), .. Packet(3, [0, 0, 0, 2, 0, 0, 0])]).Says(s_quit).Finds(ProbeReason.Ok);

    [Fact]
    public void A_password_that_is_not_cached_would_need_TLS() =>
        new Dialogue(new MySql { User = "probe", PasswordFile = "/etc/pw" }).Hears(Greets(Sha2)).Says(Answer("probe", Sha2Answer, Sha2))
            .Hears(Packet(2, [1, 4])).Says(Packet(3))
            .Finds(ProbeReason.Unexpected, "does not have the password in its cache and wants it over TLS: use mysql_native_password, or a user without password");

    [Fact]
    public void The_method_may_be_switched() => Switched.Finds(ProbeReason.Ok);

    [Fact]
    public void An_unknown_method_is_told_and_answered_wrongly_so_that_the_server_does_not_count_a_broken_handshake() =>
        new Dialogue(new MySql { User = "probe", PasswordFile = "/etc/pw" }).Hears(Greets("client_ed25519")).Says(Answer("probe", NativeAnswer, Native))
            .Hears(Packet(2, [0xfe, .. Text("client_ed25519"), 0, .. new byte[32]])).Says(Packet(3, new byte[64]))
            .Finds(ProbeReason.Unexpected, "wants the log-in by client_ed25519, which is not supported");

    [Fact]
    public void A_primary_is_not_read_only() => Primary.Finds(ProbeReason.Ok);

    [Theory]
    [InlineData(DatabaseRole.Replica, "1", null)]
    [InlineData(DatabaseRole.Replica, "ON", null)]
    [InlineData(DatabaseRole.Primary, "OFF", null)]
    [InlineData(DatabaseRole.Primary, "1", "is read-only, wanted a primary")]
    [InlineData(DatabaseRole.Replica, "0", "is not read-only, wanted a replica")]
    public void Read_only_tells_a_replica_from_a_primary(DatabaseRole role, string value, string? detail) =>
        LoggedIn(role).Says(s_query).Hears(ReadOnly(value)).Says(s_quit).Finds(detail is null ? ProbeReason.Ok : ProbeReason.Unexpected, detail);

    [Theory]
    [InlineData(1040, "Too many connections")]
    [InlineData(1129, "Host '192.0.2.1' is blocked because of many connection errors; unblock with 'mariadb-admin flush-hosts'")]
    public void A_refusal_instead_of_the_greeting_is_told(ushort code, string text) =>
        new Dialogue(new MySql()).Hears(Error(0, code, "", text)).Finds(ProbeReason.Unexpected, $"error {code}: {text[..Math.Min(text.Length, 99)]}{(text.Length > 99 ? "…" : "")}");

    [Fact]
    public void A_server_that_is_full_says_so_after_the_greeting_too() =>
        new Dialogue(new MySql()).Hears(Greets(Native)).Says(Answer("lvsctl", "", Native)).Hears(Error(2, 1040, "#08004", "Too many connections"))
            .Finds(ProbeReason.Unexpected, "error 1040: Too many connections");

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("\x01\0\0\0\x0a")]
    [InlineData("\x01\0\0\0\x09")]
    [InlineData("\xff\xff\xff\0")]
    [InlineData("\x01\0\0\0\xff")]
    public void What_is_no_greeting_is_told(string reply) => new Dialogue(new MySql()).Hears(reply).Finds(ProbeReason.BadReply, "no MySQL greeting");

    [Fact]
    public void Garbage_after_the_log_in_is_told()
    {
        LoggedIn(DatabaseRole.Primary).Says(s_query).Hears(Packet(1, [2])).Finds(ProbeReason.BadReply, "malformed packet");
        LoggedIn(DatabaseRole.Primary).Says(s_query).Hears(Error(1, 1227, "#42000", "denied")).Says(s_quit).Finds(ProbeReason.Unexpected, "error 1227: denied");
    }

    [Fact]
    public void A_server_that_hangs_up_is_closed()
    {
        new Dialogue(new MySql()).HearsTheEnd().Finds(ProbeReason.Closed, "closed without a greeting");
        new Dialogue(new MySql { User = "probe" }).Hears(Greets(Native)).Says(Answer("probe", "", Native)).HearsTheEnd()
            .Finds(ProbeReason.Closed, "closed during the log-in");
    }
}
