using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lvsctl.Core.Cluster;

namespace Lvsctl.Director.Probing;

/// <summary>TLS as a check wants it. The files it names are read again when they change.</summary>
/// <param name="name">SNI, and what the certificate must be for: a name or an address.</param>
/// <param name="atOnce">TLS from the first byte on, not after STARTTLS.</param>
sealed class ProbeSecurity(TlsSpec spec, string name, bool atOnce, TimeProvider clock)
{
    (DateTime Authorities, DateTime Certificate, DateTime Key) _read;
    SslClientAuthenticationOptions? _options;

    public bool AtOnce => atOnce;

    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">A file does not hold what it should.</exception>
    public SslClientAuthenticationOptions Options()
    {
        var now = (Written(spec.CaFile), Written(spec.CertificateFile), Written(spec.KeyFile));
        if (_options is { } known && now == _read) return known;
        _options = Make();
        _read = now;
        return _options;
    }

    /// <summary>What to say of a certificate that ends soon; null otherwise.</summary>
    public string? Warning(X509Certificate? certificate)
    {
        if (certificate is not X509Certificate2 { NotAfter: var end }) return null;
        var left = new DateTimeOffset(end) - clock.GetUtcNow();
        if (left > spec.ExpiresWithin) return null;
        var day = end.ToUniversalTime().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        return left < TimeSpan.Zero ? $"the certificate of {name} ended on {day}" : $"the certificate of {name} ends on {day}, in {(int)left.TotalDays} days";
    }

    SslClientAuthenticationOptions Make()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (spec.CaFile is { } authorities)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(authorities);
        }
        var options = new SslClientAuthenticationOptions { TargetHost = name, CertificateChainPolicy = policy };
        // Asked for by the manifest, and said by validate and by check.
        options.RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None || !spec.Verify;
        if (spec.CertificateFile is { } certificate)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(X509Certificate2.CreateFromPemFile(certificate, spec.KeyFile), null, offline: true);
        return options;
    }

    static DateTime Written(string? path) => path is null ? default : File.GetLastWriteTimeUtc(path);
}
