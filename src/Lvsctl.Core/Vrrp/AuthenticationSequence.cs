namespace Lvsctl.Core.Vrrp;

/// <summary>
/// The sequence numbers of one virtual router's authentication headers. Each sender's must rise. What is sent goes on from the highest
/// number heard from anybody, because keepalived judges all senders by one counter, and because a sender that was restarted would begin
/// at 1 again and be refused.
/// </summary>
public sealed class AuthenticationSequence
{
    // Only who knows the password gets in here, but a peer that is renumbered again and again must not fill the memory.
    const int MaxSenders = 32;

    readonly Dictionary<WireAddress, uint> _heard = [];

    /// <summary>Highest that was sent or heard.</summary>
    public uint Highest { get; private set; }

    public uint Next() => Highest == uint.MaxValue ? Highest : ++Highest;

    public bool IsFresh(WireAddress sender, uint sequence) => !_heard.TryGetValue(sender, out var last) || sequence > last;

    public void Hear(WireAddress sender, uint sequence)
    {
        if (_heard.Count == MaxSenders && !_heard.ContainsKey(sender)) _heard.Clear();
        _heard[sender] = sequence;
        if (sequence > Highest) Highest = sequence;
    }
}
