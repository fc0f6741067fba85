namespace Lvsctl.Core.Cluster;

public abstract partial record ProbeSpec
{
    /// <summary>HTTP/1.1; redirects are answers, not followed.</summary>
    public sealed record Http : ProbeSpec
    {
        public const int DefaultMaxBody = 64 * 1024;

        public override string Kind => Tls is null ? "http" : "https";

        public override ushort? UsualPort => Tls is null ? (ushort)80 : (ushort)443;

        public string Method { get; init; } = "GET";

        /// <summary>With the query.</summary>
        public string Path { get; init; } = "/";

        /// <summary>Null: the address that is asked.</summary>
        public string? Host { get; init; }

        public ValueList<HttpHeader> Headers { get; init; } = [];

        /// <summary>Body to send.</summary>
        public string? Send { get; init; }

        public ValueList<StatusRange> Expect { get; init; } = [StatusRange.Success];

        public BodyExpectation? Body { get; init; }

        /// <summary>Bytes of the reply's body that are read at most.</summary>
        public int MaxBody { get; init; } = DefaultMaxBody;

        /// <summary>Not null: https.</summary>
        public TlsSpec? Tls { get; init; }
    }
}

public readonly record struct HttpHeader(string Name, string Value);

/// <summary>Status codes from First to Last.</summary>
public readonly record struct StatusRange(int First, int Last)
{
    public static StatusRange Success => new(200, 299);

    public override string ToString() => First == Last ? First.ToString() : $"{First}-{Last}";
}

/// <summary>What the reply's body must be like; each part that is given must hold.</summary>
/// <param name="Sha256">Of the whole body, 64 lower-case hexadecimal digits.</param>
public sealed record BodyExpectation(string? Contains, string? Matches, string? Sha256);

public sealed record TlsSpec
{
    public static readonly TimeSpan DefaultExpiresWithin = TimeSpan.FromDays(14);

    /// <summary>SNI, and the name that the certificate must carry; null: the HTTP host, or else the address.</summary>
    public string? ServerName { get; init; }

    public bool Verify { get; init; } = true;

    /// <summary>PEM; null: the system's authorities.</summary>
    public string? CaFile { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    /// <summary>A certificate that ends sooner is warned about.</summary>
    public TimeSpan ExpiresWithin { get; init; } = DefaultExpiresWithin;
}
