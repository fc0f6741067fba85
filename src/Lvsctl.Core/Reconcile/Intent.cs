namespace Lvsctl.Core.Reconcile;

public enum IntentKind
{
    /// <summary>No new connections; those that are open may end.</summary>
    Drain,

    /// <summary>Out of the table at once, until resumed.</summary>
    Maintain,

    /// <summary>Another weight than the manifest's, until resumed.</summary>
    Weight,
}

public enum DrainEnd
{
    /// <summary>Out of the table until resumed.</summary>
    Remove,

    /// <summary>In the table with weight 0 until resumed.</summary>
    Hold,
}

/// <summary>
/// What an operator wants of a server beside the manifest. It is kept on disk and stays in force until it is taken back, over restarts and
/// whatever the kernel's table shows: weight 0 there says nothing about why.
/// </summary>
/// <param name="Server">The manifest's name of the server.</param>
/// <param name="Service">The manifest's name of the service, or null for all that have a server of that name.</param>
/// <param name="Since">Wall time: it has to mean something after a reboot.</param>
public sealed record Intent(IntentKind Kind, string Server, string? Service, DateTimeOffset Since)
{
    /// <summary>When a drain no longer waits for connections.</summary>
    public DateTimeOffset? Deadline { get; init; }

    public DrainEnd Then { get; init; }

    /// <summary>0..2147483647, of <see cref="IntentKind.Weight"/>.</summary>
    public int Weight { get; init; }

    public bool Concerns(string service, string server) => server == Server && (Service is null || Service == service);
}
