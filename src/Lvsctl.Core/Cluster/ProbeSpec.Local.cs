namespace Lvsctl.Core.Cluster;

public abstract partial record ProbeSpec
{
    /// <summary>A program, never a shell. Exit code 0 is healthy.</summary>
    /// <param name="Command">Absolute path and arguments.</param>
    public sealed record Exec(ValueList<string> Command) : ProbeSpec
    {
        public override string Kind => "exec";

        public override bool NeedsPort => false;

        /// <summary>Null: <see cref="DaemonSpec.ProbeUser"/>.</summary>
        public string? User { get; init; }
    }

    /// <summary>A file on the director.</summary>
    public sealed record File(string Path) : ProbeSpec
    {
        public override string Kind => "file";

        public override bool NeedsPort => false;

        /// <summary>Healthy while it is there; otherwise while it is not.</summary>
        public bool MustExist { get; init; } = true;
    }
}
