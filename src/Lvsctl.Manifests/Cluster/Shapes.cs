using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Format;

namespace Lvsctl.Manifests.Cluster;

/// <summary>Shapes that several blocks use.</summary>
static class Shapes
{
    public static readonly FlagShape Flag = new();

    public static readonly AddressShape Address = new();

    public static readonly MappedShape<int, ushort> Port = new(new NumberShape(1, ushort.MaxValue), static n => (ushort)n, static p => p);

    public static readonly MappedShape<int, byte> Octet = new(new NumberShape(1, 255), static n => (byte)n, static p => p);

    /// <summary>For what may take a while, but not be forgotten.</summary>
    public static readonly DurationShape Span = new("1ms", "365d");

    public static readonly NamedShape<string> Headers = new("header", Texts.Line, Texts.TokenProblem);

    public static readonly EitherShape<TlsSpec?> StartTls = new(
        new MappedShape<bool, TlsSpec?>(Flag, static on => on ? new TlsSpec() : null), new MappedShape<TlsSpec, TlsSpec?>(new TlsFormat(), static t => t));

    public static ValueList<HttpHeader> ToHeaders(IReadOnlyList<KeyValuePair<Yaml.Entry, string>>? headers) =>
        headers is null ? [] : headers.Select(h => new HttpHeader(h.Key.Key, h.Value)).ToValueList();

    public static IPEndPoint? ToEndPoint(AddressPort? at) => at is { Port: { } port } ? new(at.Value.Address, port) : null;
}

sealed class TlsFormat() : Block<TlsSpec>("tls", "TLS settings")
{
    public static readonly Key<string> ServerName = new("server-name", Texts.HostName,
        "Name to ask for (SNI), which the certificate must carry.") { DefaultNote = "the HTTP host, or else the server's address" };
    public static readonly Key<bool> Verify = new("verify", Shapes.Flag,
        "Whether the certificate must come from a known authority, be valid today, and carry the name. Turning it off is warned about.") { DefaultValue = true };
    public static readonly Key<string> CaFile = new("ca-file", Texts.Path,
        "Certificates of the authorities to trust (PEM).") { DefaultNote = "those of the system", Example = "ca-file: /etc/lvsctl/ca.pem" };
    public static readonly Key<string> CertificateFile = new("cert-file", Texts.Path, "Certificate to show to the server (PEM).");
    public static readonly Key<string> KeyFile = new("key-file", Texts.Path, "Its private key (PEM).");
    public static readonly Key<TimeSpan> ExpiresWithin = new("expires-within", new DurationShape("0s", "365d"),
        "Warn when the server's certificate ends sooner than this.") { DefaultValue = TlsSpec.DefaultExpiresWithin };

    public override IReadOnlyList<Key> Keys { get; } = [ServerName, Verify, CaFile, CertificateFile, KeyFile, ExpiresWithin];

    protected override TlsSpec Read(MapCursor map)
    {
        var certificate = map.Get(CertificateFile);
        var key = map.Get(KeyFile);
        if (certificate is null != key is null)
        {
            map.Complain(Codes.Code.MissingKey, map.KeyPlace(certificate is null ? KeyFile : CertificateFile),
                "cert-file and key-file go together");
        }
        var verify = map.Get(Verify);
        if (!verify)
        {
            map.Complain(Codes.Code.NotVerified, map.KeyPlace(Verify),
                "certificates are not verified: anybody on the path can pose as the server");
            if (map.Has(CaFile)) map.Complain(Codes.Code.NoEffect, map.KeyPlace(CaFile), "ca-file has no effect while 'verify' is false");
        }
        return new()
        {
            ServerName = map.Get(ServerName),
            Verify = verify,
            CaFile = map.Get(CaFile),
            CertificateFile = certificate,
            KeyFile = key,
            ExpiresWithin = map.Get(ExpiresWithin),
        };
    }
}
