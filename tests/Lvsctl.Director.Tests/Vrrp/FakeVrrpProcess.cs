using Lvsctl.Director.Vrrp;

namespace Lvsctl.Director.Tests.Vrrp;

/// <summary>A VRRP process that lives and dies as the test wants it.</summary>
sealed class FakeVrrpProcess : IVrrpProcess
{
    int _last = 100;

    public VrrpPresence Presence { get; set; }

    /// <summary>It is dead by the time that anybody looks.</summary>
    public bool DiesAtOnce { get; set; }

    public string? Refusal { get; set; }

    public int Starts { get; private set; }

    public int Reloads { get; private set; }

    public int Stops { get; private set; }

    public VrrpPresence Look() => Presence;

    public string? Start()
    {
        Starts++;
        if (Refusal is null && !DiesAtOnce) Presence = new(VrrpStanding.Kept, ++_last);
        return Refusal;
    }

    public string? Reload()
    {
        Reloads++;
        return Refusal;
    }

    public string? Stop()
    {
        Stops++;
        Presence = new(VrrpStanding.Stopped);
        return null;
    }

    public VrrpStatusDocument? Status() => null;

    public void Die() => Presence = new(VrrpStanding.Absent);
}
