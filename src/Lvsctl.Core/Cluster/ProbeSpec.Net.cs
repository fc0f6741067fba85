namespace Lvsctl.Core.Cluster;

public abstract partial record ProbeSpec
{
    /// <summary>Connects; says and expects something if told to.</summary>
    public sealed record Tcp : ProbeSpec
    {
        public override string Kind => "tcp";

        public ValueList<byte> Send { get; init; } = [];

        /// <summary>Must occur in what the server says; empty: connecting is enough.</summary>
        public ValueList<byte> Expect { get; init; } = [];
    }

    public sealed record Udp : ProbeSpec
    {
        public override string Kind => "udp";

        public ValueList<byte> Send { get; init; } = [];

        /// <summary>Must occur in the reply; empty: any reply will do.</summary>
        public ValueList<byte> Expect { get; init; } = [];

        /// <summary>No reply is fine, as long as no ICMP message says that the port is closed.</summary>
        public bool AcceptSilence { get; init; }
    }

    public sealed record Icmp : ProbeSpec
    {
        public const int DefaultSize = 56;

        public override string Kind => "icmp";

        public override bool NeedsPort => false;

        /// <summary>Bytes of payload, 0..65507.</summary>
        public int Size { get; init; } = DefaultSize;
    }

    public sealed record Dns(string Name) : ProbeSpec
    {
        public override string Kind => "dns";

        public override ushort? UsualPort => 53;

        /// <summary><c>A</c>, <c>AAAA</c>, ….</summary>
        public string Type { get; init; } = "A";

        /// <summary>One of the answers must read so; null: a NOERROR reply is enough.</summary>
        public string? Expect { get; init; }

        public bool OverTcp { get; init; }
    }

    public sealed record Smtp : ProbeSpec
    {
        public override string Kind => "smtp";

        public override ushort? UsualPort => 25;

        /// <summary>Name to greet with; null: the director's host name.</summary>
        public string? Helo { get; init; }

        /// <summary>Not null: STARTTLS must be offered and must work.</summary>
        public TlsSpec? StartTls { get; init; }
    }

    public enum DatabaseRole
    {
        Any,
        Primary,
        Replica,
    }

    public sealed record MySql : ProbeSpec
    {
        public override string Kind => "mysql";

        public override ushort? UsualPort => 3306;

        /// <summary>Null: the greeting is enough.</summary>
        public string? User { get; init; }

        public string? PasswordFile { get; init; }

        public DatabaseRole Role { get; init; }
    }

    public sealed record Postgres : ProbeSpec
    {
        public override string Kind => "postgres";

        public override ushort? UsualPort => 5432;

        public string User { get; init; } = "lvsctl";

        public string Database { get; init; } = "postgres";
    }

    public sealed record Redis : ProbeSpec
    {
        public override string Kind => "redis";

        public override ushort? UsualPort => 6379;

        public string? User { get; init; }

        public string? PasswordFile { get; init; }

        public DatabaseRole Role { get; init; }
    }
}
