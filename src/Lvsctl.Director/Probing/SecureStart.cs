using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Lvsctl.Director.Probing;

/// <summary>
/// The first TLS of a process loads OpenSSL and reads every authority that the host trusts, also where the check brings its own. That takes
/// as long as many a probe may, and is no fault of the server's: it is done before a probe's time begins to run.
/// </summary>
static class SecureStart
{
    // Of nobody: any certificate will do to look for its issuer.
    const string Certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBejCCAR+gAwIBAgIUWI84fYJRNUQBKWrzTmbjJzvX5UEwCgYIKoZIzj0EAwIw
        ETEPMA0GA1UEAwwGbHZzY3RsMCAXDTI2MTEyMjA4MjEyM1oYDzIxMjYxMDI5MDgy
        MTIzWjARMQ8wDQYDVQQDDAZsdnNjdGwwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
        AARK2KLuQ4iMQHZ4gl86cpSJSXqkX5SlXEj/+S3jMoJk+nQQp5QN3WlT+adUygoL
        s2YOOd5ZcDBogRCfvZUpufWfo1MwUTAdBgNVHQ4EFgQU5GO/4hhx4VJEp9JMVMxl
        QyGNrG0wHwYDVR0jBBgwFoAU5GO/4hhx4VJEp9JMVMxlQyGNrG0wDwYDVR0TAQH/
        BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAhqQHj0yqL6Q/6z337KJbGdC4IrDD
        C7x1N+oYVIoFf04CIQDapRtcvSeZK1qGOwx23cWfz+yjGn2KEjrvMTOmQgrUgA==
        -----END CERTIFICATE-----
        """;

    static readonly Lazy<bool> s_done = new(Run);

    public static void Ensure() => _ = s_done.Value;

    static bool Run()
    {
        try
        {
            using (var certificate = X509Certificate2.CreateFromPem(Certificate))
            using (var chain = new X509Chain { ChainPolicy = { RevocationMode = X509RevocationMode.NoCheck } }) chain.Build(certificate);
            // Says hello, and hears nothing.
            using var stream = new SslStream(new MemoryStream());
            stream.AuthenticateAsClient("localhost");
        }
        catch (Exception e) when (e is IOException or AuthenticationException or CryptographicException or TypeInitializationException or DllNotFoundException)
        {
            // A probe will find out, and say it.
        }
        return true;
    }
}
