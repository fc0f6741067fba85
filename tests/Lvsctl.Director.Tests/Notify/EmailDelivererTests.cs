using System.Text;
using System.Text.RegularExpressions;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Events;
using Lvsctl.Director.Notify;
using Lvsctl.Director.Tests.Probing.Engine;

namespace Lvsctl.Director.Tests.Notify;

/// <summary>What is said to a mail server, and what becomes of what it answers.</summary>
public sealed class EmailDelivererTests : IDisposable
{
    readonly TestAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    static NotifyTarget.Email Spec(MailServer server, params string[] to) => new(new HostPort("127.0.0.1", server.Port), "lvs@shop.example", [.. to.Length > 0 ? to : ["ops@shop.example"]]);

    NotifyTarget.Email WithLogin(NotifyTarget.Email spec)
    {
        File.WriteAllText(_authority.FilePath("secret"), "opensesame\n");
        return spec with { User = "lvs", PasswordFile = _authority.FilePath("secret"), CaFile = _authority.RootFile };
    }

    static EmailDeliverer Deliverer(NotifyTarget.Email spec) => new(spec, () => "shop", TimeProvider.System);

    static async Task<string?> SendAsync(NotifyTarget.Email spec, params JournalEntry[] events)
    {
        using var deliverer = Deliverer(spec);
        return await deliverer.DeliverAsync(events.Length > 0 ? events : [Happening.Down(7)], CancellationToken.None);
    }

    static async Task<DeliveryException> FailsAsync(NotifyTarget.Email spec) => await Assert.ThrowsAsync<DeliveryException>(() => SendAsync(spec));

    static string Header(string mail, string name) => Regex.Match(mail, $"^{name}: (.*(?:\r\n[ \t].*)*)\r\n", RegexOptions.Multiline).Groups[1].Value;

    [Fact]
    public async Task A_mail_says_what_happened_to_everybody()
    {
        await using var server = new MailServer();

        Assert.Null(await SendAsync(Spec(server, "ops@shop.example", "night@shop.example")));

        var mail = Assert.Single(server.Mails);
        Assert.Equal("<lvs@shop.example>", Header(mail, "From"));
        Assert.Equal("<ops@shop.example>,\r\n <night@shop.example>", Header(mail, "To"));
        Assert.Equal("[lvsctl] web/rs7 is down: connection refused", Header(mail, "Subject"));
        Assert.Equal("auto-generated", Header(mail, "Auto-Submitted"));
        Assert.Matches(@"^<lvsctl\.7-7\.7000@[^>]+>$", Header(mail, "Message-ID"));
        Assert.Matches(@"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$", Header(mail, "Date"));
        Assert.Contains("\r\n1970-01-01T00:00:07.000Z  server.down\r\n  web/rs7 is down: connection refused\r\n", mail);
        Assert.Contains("  rtt_ms: 1.5\r\n", mail);
        Assert.Equal(["MAIL FROM:<lvs@shop.example>", "RCPT TO:<ops@shop.example>", "RCPT TO:<night@shop.example>", "DATA"], server.Heard.Skip(1).Take(4));
    }

    [Fact]
    public async Task What_is_not_ASCII_is_encoded_and_comes_out_as_it_was()
    {
        await using var server = new MailServer();

        await SendAsync(Spec(server), Happening.Down(7, "Größe: 日本語 " + new string('ü', 100) + "\r\nBcc: evil@example.com"));

        var mail = Assert.Single(server.Mails);
        Assert.All(mail.Split("\r\n"), l => Assert.InRange(l.Length, 0, 76));
        Assert.DoesNotContain("evil", mail);
        var subject = string.Concat(Header(mail, "Subject").Split("\r\n ").Select(w => Encoding.UTF8.GetString(Convert.FromBase64String(w["=?UTF-8?B?".Length..^2]))));
        Assert.StartsWith("[lvsctl] web/rs7 is down: Größe: 日本語 üüü", subject);
        var body = Encoding.UTF8.GetString(Convert.FromBase64String(mail[(mail.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]));
        Assert.Contains("  web/rs7 is down: Größe: 日本語 ü", body);
        Assert.Contains("ü  Bcc: evil@example.com\r\n", body);
    }

    [Fact]
    public async Task A_mail_of_many_is_about_the_worst_and_lists_all_in_order()
    {
        await using var server = new MailServer();

        await SendAsync(Spec(server), [.. Enumerable.Range(1, 100).Select(i => Happening.Down(i))]);

        var mail = Assert.Single(server.Mails);
        Assert.Equal("[lvsctl] web/rs1 is down: connection refused (and 99 more)", Header(mail, "Subject"));
        Assert.Equal(Enumerable.Range(1, 100), Regex.Matches(mail, @"^  web/rs(\d+) is down", RegexOptions.Multiline).Select(m => int.Parse(m.Groups[1].Value)));
    }

    [Fact]
    public async Task A_line_that_begins_with_a_dot_ends_no_mail()
    {
        var text = new StringBuilder();
        await using var server = new MailServer();
        using var client = new System.Net.Sockets.TcpClient("127.0.0.1", server.Port);
        await using var dialogue = new SmtpDialogue(client.GetStream());
        await dialogue.HearAsync(CancellationToken.None);
        await dialogue.AskAsync("DATA", CancellationToken.None);

        Assert.True((await dialogue.SendAsync(".first\r\n.\r\n..\r\nlast", CancellationToken.None)).IsGood);

        Assert.Equal(".first\r\n.\r\n..\r\nlast\r\n", Assert.Single(server.Mails));
    }

    [Theory]
    [InlineData(MailSecurity.StartTls, false, "TLS MAIL FROM")]
    [InlineData(MailSecurity.Tls, true, "TLS MAIL FROM")]
    [InlineData(MailSecurity.Opportunistic, false, "TLS MAIL FROM")]
    [InlineData(MailSecurity.None, false, "MAIL FROM")]
    public async Task Mail_goes_through_TLS_as_the_manifest_wants_it(MailSecurity security, bool atOnce, string heard)
    {
        using var certificate = _authority.Issue("127.0.0.1");
        await using var server = new MailServer(certificate, atOnce);

        Assert.Null(await SendAsync(Spec(server) with { Security = security, CaFile = _authority.RootFile }));

        Assert.Contains(server.Heard, h => h.StartsWith(heard, StringComparison.Ordinal));
        Assert.Single(server.Mails);
    }

    [Fact]
    public async Task Opportunistic_TLS_asks_for_no_name_and_takes_what_there_is()
    {
        using var certificate = _authority.Issue("somebody.else.example");
        await using var secure = new MailServer(certificate);
        await using var plain = new MailServer();

        await SendAsync(Spec(secure));
        await SendAsync(Spec(plain));

        Assert.Single(secure.Mails);
        Assert.Contains(secure.Heard, h => h.StartsWith("TLS MAIL", StringComparison.Ordinal));
        Assert.Single(plain.Mails);
    }

    [Theory]
    [InlineData("AUTH PLAIN LOGIN", "TLS AUTH PLAIN AGx2cwBvcGVuc2VzYW1l")]
    [InlineData("AUTH LOGIN", "TLS b3BlbnNlc2FtZQ==")]
    public async Task A_login_is_said_through_TLS(string offer, string heard)
    {
        using var certificate = _authority.Issue("127.0.0.1");
        await using var server = new MailServer(certificate);
        server.Extensions.Add(offer);

        Assert.Null(await SendAsync(WithLogin(Spec(server))));

        Assert.Contains(heard, server.Heard);
    }

    [Fact]
    public async Task A_password_is_said_neither_in_the_clear_nor_to_somebody_else_nor_to_people()
    {
        using var other = _authority.Issue("somebody.else.example");
        await using var plain = new MailServer();
        await using var stranger = new MailServer(other);
        plain.Extensions.Add("AUTH PLAIN");

        Assert.Contains("without it the password is not said", (await FailsAsync(WithLogin(Spec(plain)))).Message);
        Assert.Contains("certificate", (await FailsAsync(WithLogin(Spec(stranger)))).Message);
        Assert.DoesNotContain(plain.Heard.Concat(stranger.Heard), h => h.Contains("AUTH", StringComparison.Ordinal));
        plain.Answers["AUTH PLAIN"] = "535 5.7.8 no";
        var refused = await FailsAsync(WithLogin(Spec(plain)) with { Security = MailSecurity.None });
        Assert.Equal($"127.0.0.1:{plain.Port}: it does not let lvs in: 535 5.7.8 no", refused.Message);
        Assert.True(refused.IsRefusal);
    }

    [Fact]
    public async Task What_was_put_between_STARTTLS_and_TLS_is_not_believed()
    {
        using var certificate = _authority.Issue("127.0.0.1");
        await using var server = new MailServer(certificate) { Smuggled = "250 AUTH PLAIN" };

        Assert.Contains("not to be trusted", (await FailsAsync(Spec(server))).Message);
    }

    [Fact]
    public async Task Without_the_TLS_that_the_manifest_wants_nothing_goes_out()
    {
        await using var server = new MailServer();

        Assert.Contains("offers no STARTTLS", (await FailsAsync(Spec(server) with { Security = MailSecurity.StartTls })).Message);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task One_receiver_that_is_refused_loses_the_others_nothing_and_one_that_has_to_wait_gets_it_later_alone()
    {
        await using var server = new MailServer();
        server.Answers["RCPT TO:<never@shop.example>"] = "550 no such user";
        server.Answers["RCPT TO:<later@shop.example>"] = "451 greylisted";
        using var deliverer = Deliverer(Spec(server, "now@shop.example", "never@shop.example", "later@shop.example"));
        JournalEntry[] events = [Happening.Down(7)];

        var failure = await Assert.ThrowsAsync<DeliveryException>(() => deliverer.DeliverAsync(events, CancellationToken.None));
        Assert.True(server.Answers.TryRemove("RCPT TO:<later@shop.example>", out _));
        var before = server.Heard.Count(IsReceiver);
        var remark = await deliverer.DeliverAsync(events, CancellationToken.None);

        Assert.EndsWith("it does not take the mail yet for later@shop.example (451 greylisted)", failure.Message);
        Assert.Equal(["RCPT TO:<later@shop.example>"], server.Heard.Where(IsReceiver).Skip(before));
        Assert.Equal(2, server.Mails.Count);
        Assert.Equal($"127.0.0.1:{server.Port} refuses never@shop.example (550 no such user); the others got the mail", remark);

        static bool IsReceiver(string command) => command.StartsWith("RCPT", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MAIL", "452 no room", false, "it refuses the sender lvs@shop.example: 452 no room")]
    [InlineData("RCPT", "550 relaying denied", true, "it refuses ops@shop.example (550 relaying denied)")]
    [InlineData("DATA", "554 no", true, "it takes no mail: 554 no")]
    [InlineData("EHLO", "hello!", false, "it does not speak SMTP: it said 'hello!' instead of the answer to EHLO")]
    public async Task A_refusal_is_said_with_the_server_s_own_words(string command, string answer, bool isRefusal, string text)
    {
        await using var server = new MailServer();
        server.Answers[command] = answer;

        var failure = await FailsAsync(Spec(server));

        Assert.StartsWith($"127.0.0.1:{server.Port}: {text}", failure.Message);
        Assert.Equal(isRefusal, failure.IsRefusal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_more_is_too_slow_and_it_is_said_where()
    {
        await using var server = new MailServer();
        server.Answers["RCPT"] = null;

        var failure = await FailsAsync(Spec(server) with { Timeout = TimeSpan.FromMilliseconds(400) });

        Assert.Equal($"127.0.0.1:{server.Port} is too slow: 400ms were over before the answer to RCPT TO:<ops@shop.example>", failure.Message);
    }
}
