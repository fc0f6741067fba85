using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using static Lvsctl.Core.Cluster.ProbeSpec;

namespace Lvsctl.Director.Tests.Probing;

public class RedisConversationTests
{
    const string Ping = "*1\r\n$4\r\nPING\r\n";
    const string Role = "*1\r\n$4\r\nROLE\r\n";
    const string Quit = "*1\r\n$4\r\nQUIT\r\n";
    const string Replica = "*5\r\n$5\r\nslave\r\n$9\r\n192.0.2.9\r\n:6379\r\n$9\r\nconnected\r\n:42\r\n";

    internal static readonly Dialogue Primary = new Dialogue(new Redis { User = "probe", PasswordFile = "/etc/pw", Role = DatabaseRole.Primary })
        .Says("*3\r\n$4\r\nAUTH\r\n$5\r\nprobe\r\n$6\r\ns3cret\r\n").Hears("+OK\r\n")
        .Says(Ping).Hears("+PONG\r\n")
        .Says(Role).Hears("*3\r\n$6\r\nmaster\r\n:3129659\r\n*0\r\n")
        .Says(Quit);

    static Dialogue Asking(DatabaseRole role = DatabaseRole.Any) => new Dialogue(new Redis { Role = role }).Says(Ping);

    [Fact]
    public void A_pong_is_enough() => Asking().Hears("+PONG\r\n").Says(Quit).Finds(ProbeReason.Ok);

    [Fact]
    public void It_logs_in_and_asks_for_the_role() => Primary.Finds(ProbeReason.Ok);

    [Fact]
    public void Without_a_user_the_old_form_of_AUTH_is_used() =>
        new Dialogue(new Redis { PasswordFile = "/etc/pw" }).Says("*2\r\n$4\r\nAUTH\r\n$6\r\ns3cret\r\n").Hears("+OK\r\n")
            .Says(Ping).Hears("+PONG\r\n").Says(Quit).Finds(ProbeReason.Ok);

    [Fact]
    public void A_replica_is_a_replica() =>
        Asking(DatabaseRole.Replica).Hears("+PONG\r\n").Says(Role).Hears(Replica).Says(Quit).Finds(ProbeReason.Ok);

    [Theory]
    [InlineData(DatabaseRole.Primary, Replica, "is a replica, wanted a primary")]
    [InlineData(DatabaseRole.Replica, "*3\r\n$6\r\nmaster\r\n", "is a primary, wanted a replica")]
    [InlineData(DatabaseRole.Primary, "*2\r\n$8\r\nsentinel\r\n", "role is sentinel")]
    public void Another_role_is_told(DatabaseRole role, string reply, string detail) =>
        Asking(role).Hears("+PONG\r\n").Says(Role).Hears(reply).Says(Quit).Finds(ProbeReason.Unexpected, detail);

    [Theory]
    [InlineData("-LOADING Redis is loading the dataset in memory", "PING: LOADING Redis is loading the dataset in memory")]
    [InlineData("-MASTERDOWN Link with MASTER is down", "PING: MASTERDOWN Link with MASTER is down")]
    [InlineData("-NOAUTH Authentication required.", "demands a password: give the check a password-file")]
    public void A_server_that_does_not_serve_is_down(string reply, string detail) =>
        Asking().Hears(reply + "\r\n").Says(Quit).Finds(ProbeReason.Unexpected, detail);

    [Theory]
    [InlineData("-WRONGPASS invalid username-password pair or user is disabled.", "AUTH: WRONGPASS invalid username-password pair or user is disabled.")]
    [InlineData("-ERR unknown command `AUTH`, with args beginning with: `s3cret`", "refuses AUTH")]
    public void A_refused_password_is_told_without_the_password(string reply, string detail) =>
        new Dialogue(new Redis { PasswordFile = "/etc/pw" }).Says("*2\r\n$4\r\nAUTH\r\n$6\r\ns3cret\r\n").Hears(reply + "\r\n").Says(Quit)
            .Finds(ProbeReason.Unexpected, detail);

    [Fact]
    public void A_password_that_cannot_be_read_is_not_the_servers_fault()
    {
        var conversation = new Dialogue(new Redis { PasswordFile = "/etc/pw" }).NewConversation(secret: _ => null);
        Assert.Equal(Director.Probing.Turn.Hang, conversation.Begin(new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Equal(new(ProbeReason.NotPossible, "cannot read /etc/pw"), conversation.Finding);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("+OK\r\n")]
    [InlineData("\r\n")]
    public void What_is_no_pong_is_told(string reply) => Asking().Hears(reply).Finds(ProbeReason.BadReply, "no Redis reply");

    [Fact]
    public void Lines_are_bounded() => Asking().Hears("+" + new string('x', 5000)).Finds(ProbeReason.BadReply, "line too long");

    [Fact]
    public void A_server_that_hangs_up_is_closed() => Asking().Hears("+PO").HearsTheEnd().Finds(ProbeReason.Closed, "closed without an answer to PING");
}
