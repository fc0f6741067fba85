using Lvsctl.Core.Health;
using static Lvsctl.Core.Cluster.ProbeSpec;

namespace Lvsctl.Director.Tests.Probing;

public class SmtpConversationTests
{
    internal static readonly Dialogue Plain = new Dialogue(new Smtp())
        .Hears("220-mx.example ESMTP\r\n220 at your service\r\n").Says("EHLO lb.example\r\n")
        .Hears("250-mx.example\r\n250-PIPELINING\r\n250 8BITMIME\r\n").Says("QUIT\r\n");

    // RFC 3207 5, the example.
    internal static readonly Dialogue Secured = new Dialogue(new Smtp { Helo = "client.example", StartTls = new() })
        .Hears("220 mail.imc.org SMTP service ready\r\n").Says("EHLO client.example\r\n")
        .Hears("250-mail.imc.org offers a warm hug of welcome\r\n250-8BITMIME\r\n250-starttls\r\n250 DSN\r\n").Says("STARTTLS\r\n")
        .Hears("220 Go ahead\r\n").Secures().Says("EHLO client.example\r\n")
        .Hears("250 mail.imc.org touches your hand gently for a moment\r\n").Says("QUIT\r\n");

    static Dialogue Greeted(Smtp? spec = null) => new Dialogue(spec ?? new()).Hears("220 mx\r\n").Says("EHLO lb.example\r\n");

    static Smtp WithTls => new() { StartTls = new() };

    [Fact]
    public void It_waits_for_the_greeting_greets_and_leaves() => Plain.Finds(ProbeReason.Ok);

    [Fact]
    public void It_greets_again_within_TLS() => Secured.Finds(ProbeReason.Ok);

    [Fact]
    public void A_server_without_extensions_is_asked_the_old_way() =>
        Greeted().Hears("502 what?\r\n").Says("HELO lb.example\r\n").Hears("250\r\n").Says("QUIT\r\n").Finds(ProbeReason.Ok);

    [Fact]
    public void TLS_must_be_offered() =>
        Greeted(WithTls).Hears("250-STARTTLS\r\n250 HELP\r\n").Says("QUIT\r\n").Finds(ProbeReason.Unexpected, "does not offer STARTTLS");

    [Fact]
    public void TLS_must_not_be_refused() =>
        Greeted(WithTls).Hears("250-mx\r\n250 STARTTLS\r\n").Says("STARTTLS\r\n").Hears("454 TLS not available\r\n").Says("QUIT\r\n")
            .Finds(ProbeReason.Unexpected, "STARTTLS: 454 TLS not available");

    [Fact]
    public void Nothing_may_be_said_between_STARTTLS_and_TLS()
    {
        Greeted(WithTls).Hears("250-mx\r\n250 STARTTLS\r\n").Says("STARTTLS\r\n");
        var conversation = new Dialogue(WithTls).NewConversation();
        var say = new System.Buffers.ArrayBufferWriter<byte>();
        conversation.Begin(say);
        conversation.Receive("220 mx\r\n250-mx\r\n250 STARTTLS\r\n"u8, say);
        Assert.Equal(Director.Probing.Turn.Hang, conversation.Receive("220 go\r\n250 fake\r\n"u8, say));
        Assert.Equal(new(ProbeReason.BadReply, "said something between STARTTLS and TLS"), conversation.Finding);
    }

    [Theory]
    [InlineData("554 no SMTP service here\r\n", "greets with 554 no SMTP service here")]
    [InlineData("554-go\r\n554 \x1b[31maway\x07\r\n", "greets with 554  [31maway")]
    public void A_refusal_instead_of_a_greeting_is_told(string greeting, string detail) =>
        new Dialogue(new Smtp()).Hears(greeting).Says("QUIT\r\n").Finds(ProbeReason.Unexpected, detail);

    [Fact]
    public void A_server_that_closes_by_itself_is_not_asked_to() =>
        new Dialogue(new Smtp()).Hears("421 too busy\r\n").Finds(ProbeReason.Unexpected, "greets with 421 too busy");

    [Fact]
    public void A_temporary_refusal_of_EHLO_is_a_failure() =>
        Greeted().Hears("450 later\r\n").Says("QUIT\r\n").Finds(ProbeReason.Unexpected, "EHLO: 450 later");

    [Theory]
    [InlineData("+OK POP3 ready\r\n", "no SMTP reply: +OK POP3 ready")]
    [InlineData("* OK IMAP4rev1\r\n", "no SMTP reply: * OK IMAP4rev1")]
    [InlineData("22\r\n", "no SMTP reply: 22")]
    [InlineData("2200 mx\r\n", "no SMTP reply: 2200 mx")]
    [InlineData("220-mx\r\n250 mx\r\n", "reply 220 goes on as 250")]
    public void What_is_no_SMTP_is_told(string greeting, string detail) => new Dialogue(new Smtp()).Hears(greeting).Finds(ProbeReason.BadReply, detail);

    [Fact]
    public void Replies_are_bounded()
    {
        new Dialogue(new Smtp()).Hears("220 " + new string('x', 2000)).Finds(ProbeReason.BadReply, "line too long");
        new Dialogue(new Smtp()).Hears(string.Concat(Enumerable.Repeat("220-x\r\n", 65))).Finds(ProbeReason.BadReply, "reply of more than 64 lines");
    }

    [Fact]
    public void A_server_that_hangs_up_is_closed()
    {
        new Dialogue(new Smtp()).HearsTheEnd().Finds(ProbeReason.Closed, "closed without a greeting");
        Greeted().Hears("250-mx\r\n").HearsTheEnd().Finds(ProbeReason.Closed, "closed without an answer to EHLO");
    }
}
