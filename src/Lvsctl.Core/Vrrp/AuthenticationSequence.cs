namespace Lvsctl.Core.Vrrp;

/// <summary>
/// The sequence numbers of one virtual router's authentication headers. Each sender's must rise. What is sent goes on from the highest
/// number heard from anybody, because keepalived judges all senders by one counter.
/// </summary>
/// <param name="passed">The first that is sent follows this.</param>
public sealed class AuthenticationSequence(uint passed = 0)
{
    // Only who knows the password gets in here, but a peer that is renumbered again and again must not fill the memory.
    const int MaxSenders = 32;

    readonly Dictionary<WireAddress, uint> _heard = [];

    /// <summary>Highest that was sent or heard.</summary>
    public uint Highest { get; private set; } = passed;

    /// <summary>
    /// For one that was started at some time: the seconds since 1970. Version 2 sends once a second, so that who is started again is
    /// above all that its peers remember of it, and not refused as old, unless its clock went back.
    /// </summary>
    public static AuthenticationSequence Begun(DateTimeOffset at) => new((uint)Math.Clamp(at.ToUnixTimeSeconds(), 0, uint.MaxValue));

    public uint Next() => Highest == uint.MaxValue ? Highest : ++Highest;

    public bool IsFresh(WireAddress sender, uint sequence) => !_heard.TryGetValue(sender, out var last) || sequence > last;

    public void Hear(WireAddress sender, uint sequence)
    {
        if (_heard.Count == MaxSenders && !_heard.ContainsKey(sender)) _heard.Clear();
        _heard[sender] = sequence;
        if (sequence > Highest) Highest = sequence;
    }
}
