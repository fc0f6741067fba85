namespace Lvsctl.Core.Vrrp;

/// <summary>Who else spoke as a master, so that each is told once until it has been silent.</summary>
sealed class Rivals
{
    // More on one link are told again and again, which is what they deserve.
    const int Most = 8;

    readonly List<(WireAddress Peer, TimeSpan Heard)> _known = [];

    /// <returns>True: it is a new one.</returns>
    public bool Hear(WireAddress peer, TimeSpan now)
    {
        for (var i = 0; i < _known.Count; i++)
        {
            if (_known[i].Peer != peer) continue;
            _known[i] = (peer, now);
            return false;
        }
        if (_known.Count == Most) _known.RemoveAt(0);
        _known.Add((peer, now));
        return true;
    }

    public bool TryForget(TimeSpan now, TimeSpan silence, out WireAddress peer)
    {
        for (var i = 0; i < _known.Count; i++)
        {
            if (now - _known[i].Heard <= silence) continue;
            peer = _known[i].Peer;
            _known.RemoveAt(i);
            return true;
        }
        peer = default;
        return false;
    }

    public void Clear() => _known.Clear();
}
