using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Tests.Probing.Engine;

public sealed class EngineTlsTests : IDisposable
{
    const string Page = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    readonly EngineRig _rig = new(clock: TimeProvider.System);
    readonly TestAuthority _authority = new();
    string? _askedFor;
    string? _client;

    public void Dispose()
    {
        _rig.Dispose();
        _authority.Dispose();
    }

    LoopbackServer Https(X509Certificate2 certificate, bool wantsClient = false) => new(async plain =>
    {
        await using var stream = await Secure(plain, certificate, wantsClient);
        await LoopbackServer.HearAsync(stream, "\r\n\r\n");
        await LoopbackServer.SayAsync(stream, Page);
    });

    async Task<SslStream> Secure(Stream plain, X509Certificate2 certificate, bool wantsClient = false)
    {
        var stream = new SslStream(plain, leaveInnerStreamOpen: false);
        await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = wantsClient,
            RemoteCertificateValidationCallback = (_, client, _, _) => (_client = client?.Subject) is not null || !wantsClient,
        });
        _askedFor = stream.TargetHostName;
        return stream;
    }

    ProbeOutcome Ask(LoopbackServer server, TlsSpec tls, string? host = "shop.example") =>
        _rig.Ask(new ProbeSpec.Http { Host = host, Tls = tls }, server.At, Patiently);

    // Its time passes by itself here.
    static CheckSpec Patiently(CheckSpec check) => check with { Timeout = TimeSpan.FromMinutes(1) };

    TlsSpec Trusting => new() { CaFile = _authority.RootFile };

    [Fact]
    public void A_certificate_of_the_checks_own_authority_is_trusted_and_its_name_asked_for()
    {
        using var certificate = _authority.Issue("shop.example");
        using var server = Https(certificate);
        var outcome = Ask(server, Trusting);
        Assert.Equal((ProbeReason.Ok, null, null), (outcome.Reason, outcome.Detail, outcome.Warning));
        Assert.Equal("shop.example", _askedFor);
    }

    [Fact]
    public void A_certificate_may_be_for_the_address_that_is_asked()
    {
        using var certificate = _authority.Issue("127.0.0.1");
        using var server = Https(certificate);
        Assert.Equal(ProbeReason.Ok, Ask(server, Trusting, host: null).Reason);
    }

    [Fact]
    public void One_that_nobody_vouches_for_fails_unless_the_check_does_not_verify()
    {
        using var certificate = _authority.Issue("shop.example");
        using var server = Https(certificate);
        var outcome = Ask(server, new TlsSpec());
        Assert.Equal((ProbeReason.Tls, ProbeVerdict.Down), (outcome.Reason, outcome.Verdict));
        Assert.Contains("certificate", outcome.Detail);
        Assert.Equal(ProbeReason.Ok, Ask(server, new TlsSpec { Verify = false }).Reason);
    }

    [Fact]
    public void One_for_another_name_fails()
    {
        using var certificate = _authority.Issue("other.example");
        using var server = Https(certificate);
        Assert.Equal(ProbeReason.Tls, Ask(server, Trusting).Reason);
        Assert.Equal(ProbeReason.Ok, Ask(server, Trusting with { ServerName = "other.example" }).Reason);
        Assert.Equal("other.example", _askedFor);
    }

    [Fact]
    public void One_that_has_ended_fails_and_one_that_ends_soon_is_warned_about()
    {
        using var ended = _authority.Issue("shop.example", DateTimeOffset.UtcNow.AddMinutes(-1));
        using (var server = Https(ended)) Assert.Equal(ProbeReason.Tls, Ask(server, Trusting).Reason);

        var end = DateTimeOffset.UtcNow.AddDays(3.5);
        using var ending = _authority.Issue("shop.example", end);
        using (var server = Https(ending))
        {
            var outcome = Ask(server, Trusting);
            Assert.Equal(ProbeReason.Ok, outcome.Reason);
            Assert.Equal($"the certificate of shop.example ends on {end.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}, in 3 days", outcome.Warning);
            Assert.Null(Ask(server, Trusting with { ExpiresWithin = TimeSpan.FromDays(3) }).Warning);
        }
    }

    [Fact]
    public void The_director_shows_its_own_certificate_to_a_server_that_asks()
    {
        var (certificateFile, keyFile) = _authority.IssueFiles("lb.example");
        using var certificate = _authority.Issue("shop.example");
        using var server = Https(certificate, wantsClient: true);

        Assert.Equal(ProbeReason.Ok, Ask(server, Trusting with { CertificateFile = certificateFile, KeyFile = keyFile }).Reason);
        Assert.Equal("CN=lb.example", _client);
        Assert.NotEqual(ProbeReason.Ok, Ask(server, Trusting).Reason);
    }

    [Fact]
    public void Files_that_the_director_cannot_read_are_its_own_fault()
    {
        using var certificate = _authority.Issue("shop.example");
        using var server = Https(certificate);
        Assert.Equal(ProbeReason.NotPossible, Ask(server, new TlsSpec { CaFile = _authority.FilePath("none.pem") }).Reason);
        File.WriteAllText(_authority.FilePath("junk.pem"), "no certificate");
        var junk = Ask(server, new TlsSpec { CertificateFile = _authority.FilePath("junk.pem"), KeyFile = _authority.FilePath("junk.pem") });
        Assert.Equal((ProbeReason.NotPossible, ProbeVerdict.Unmade), (junk.Reason, junk.Verdict));
    }

    [Fact]
    public void Another_authority_in_the_same_file_counts_from_the_next_probe_on()
    {
        using var other = new TestAuthority();
        using var certificate = _authority.Issue("shop.example");
        using var server = Https(certificate);
        var file = _authority.FilePath("changing.pem");
        File.Copy(other.RootFile, file);
        var number = _rig.Engine.Add(EngineRig.Target(new ProbeSpec.Http { Host = "shop.example", Tls = new TlsSpec { CaFile = file } }, server.At, Patiently));
        Assert.Equal(ProbeReason.Tls, _rig.Ask(number).Reason);

        File.Copy(_authority.RootFile, file, overwrite: true);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddSeconds(5));
        Assert.Equal(ProbeReason.Ok, _rig.Ask(number).Reason);
    }

    [Fact]
    public void A_server_that_speaks_no_TLS_fails_and_one_that_says_nothing_times_out()
    {
        using (var server = LoopbackServer.Saying("SSH-2.0-OpenSSH_9.2\r\n")) Assert.Equal(ProbeReason.Tls, Ask(server, Trusting).Reason);

        using var rig = new EngineRig();
        using var listener = LoopbackServer.Listen();
        var number = rig.Start(new ProbeSpec.Http { Tls = Trusting }, (System.Net.IPEndPoint)listener.LocalEndPoint!);
        rig.Settle();
        using var accepted = listener.Accept();
        Assert.Equal(ProbeReason.TimedOut, rig.TimeOut(number).Reason);
        // The hello, and then the end.
        var buffer = new byte[4096];
        while (accepted.Receive(buffer) > 0)
        {
        }
    }

    [Fact]
    public void Mail_is_secured_by_STARTTLS_and_the_certificate_verified()
    {
        using var certificate = _authority.Issue("mx.example");
        var said = new List<string>();
        using var server = new LoopbackServer(async plain =>
        {
            await LoopbackServer.SayAsync(plain, "220 mx.example\r\n");
            said.Add(await LoopbackServer.HearAsync(plain, "\r\n"));
            await LoopbackServer.SayAsync(plain, "250-mx.example\r\n250 STARTTLS\r\n");
            said.Add(await LoopbackServer.HearAsync(plain, "\r\n"));
            await LoopbackServer.SayAsync(plain, "220 go ahead\r\n");
            await using var stream = await Secure(plain, certificate);
            said.Add(await LoopbackServer.HearAsync(stream, "\r\n"));
            await LoopbackServer.SayAsync(stream, "250 mx.example\r\n");
            said.Add(await LoopbackServer.HearAsync(stream, "\r\n"));
            await LoopbackServer.SayAsync(stream, "221 bye\r\n");
        });
        var smtp = new ProbeSpec.Smtp { Helo = "lb.example", StartTls = Trusting with { ServerName = "mx.example" } };

        Assert.Equal(ProbeReason.Ok, _rig.Ask(smtp, server.At, Patiently).Reason);
        Assert.Equal(["EHLO lb.example\r\n", "STARTTLS\r\n", "EHLO lb.example\r\n", "QUIT\r\n"], said);
        Assert.Equal(ProbeReason.Tls, _rig.Ask(smtp with { StartTls = new TlsSpec { ServerName = "mx.example" } }, server.At, Patiently).Reason);
    }
}
