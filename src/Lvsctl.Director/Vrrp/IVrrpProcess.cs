namespace Lvsctl.Director.Vrrp;

/// <summary>The VRRP process of this host, to who keeps it. It is another process, so each of these may take a while.</summary>
public interface IVrrpProcess
{
    VrrpPresence Look();

    /// <returns>Why it cannot be started, for people; null: it is.</returns>
    string? Start();

    /// <returns>Why it could not be asked; null: it has read its manifest again, or says itself what it objects to.</returns>
    string? Reload();

    /// <summary>Null: it does not answer.</summary>
    VrrpStatusDocument? Status();

    /// <returns>Why it could not be asked; null: it hands over, and ends soon.</returns>
    string? Stop();
}
