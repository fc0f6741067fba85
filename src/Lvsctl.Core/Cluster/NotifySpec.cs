namespace Lvsctl.Core.Cluster;

/// <summary>Somebody to be told.</summary>
public sealed record NotifySpec(NotifyTarget Target)
{
    public static readonly TimeSpan DefaultGiveUpAfter = TimeSpan.FromDays(1);

    /// <summary>For logs and metrics; null: the kind and its place in the list.</summary>
    public string? Name { get; init; }

    /// <summary>Empty: everything.</summary>
    public ValueList<NotifyEvent> On { get; init; } = [];

    /// <summary>How long delivery is tried again.</summary>
    public TimeSpan GiveUpAfter { get; init; } = DefaultGiveUpAfter;
}

public enum NotifyEvent
{
    /// <summary>A server comes in or goes out.</summary>
    Server,

    /// <summary>A service loses or regains its quorum or its last server.</summary>
    Service,

    /// <summary>A virtual router changes its state, or hears a rival.</summary>
    Vrrp,

    /// <summary>The manifest was reloaded or refused.</summary>
    Config,

    /// <summary>The director starts, stops, or is in trouble itself.</summary>
    Director,
}

public abstract record NotifyTarget
{
    NotifyTarget()
    {
    }

    /// <param name="Command">Absolute path and arguments; never a shell.</param>
    public sealed record Exec(ValueList<string> Command) : NotifyTarget
    {
        public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

        public string? User { get; init; }

        public TimeSpan Timeout { get; init; } = DefaultTimeout;

        /// <summary>Add the arguments that keepalived gives its notify scripts.</summary>
        public bool LikeKeepalived { get; init; }
    }

    public sealed record Email(HostPort Server, string From, ValueList<string> To) : NotifyTarget
    {
        public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

        public TimeSpan Timeout { get; init; } = DefaultTimeout;

        public MailSecurity Security { get; init; }

        public string? User { get; init; }

        public string? PasswordFile { get; init; }

        /// <summary>Authorities to trust; null: those of the system.</summary>
        public string? CaFile { get; init; }

        /// <summary>Put before every subject.</summary>
        public string SubjectPrefix { get; init; } = "[lvsctl] ";
    }

    public sealed record Webhook(Uri Url) : NotifyTarget
    {
        public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

        public TimeSpan Timeout { get; init; } = DefaultTimeout;

        public ValueList<HttpHeader> Headers { get; init; } = [];

        /// <summary>Its content signs the body with HMAC-SHA256.</summary>
        public string? SecretFile { get; init; }

        public string? CaFile { get; init; }
    }
}

public enum MailSecurity
{
    /// <summary>STARTTLS if the server offers it.</summary>
    Opportunistic,
    None,
    StartTls,

    /// <summary>TLS from the first byte.</summary>
    Tls,
}

/// <summary>A host name or address, with a port.</summary>
public readonly record struct HostPort(string Host, ushort Port)
{
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
