using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Vrrp;

/// <summary>
/// When a master tells the network that its addresses are here: a burst, the same once more, then a refresh now and then. It belongs to the
/// state of being master and ends with it; what was missed while the process slept is not caught up with.
/// </summary>
sealed class AnnounceSchedule
{
    static readonly TimeSpan s_never = TimeSpan.MaxValue;

    AnnounceSpec _spec;
    int[] _left;                    // packets still to be sent, by address
    int _total;
    int _cursor;
    TimeSpan _packetAt = TimeSpan.MinValue;
    TimeSpan _repeatAt = s_never;
    TimeSpan _refreshAt = s_never;

    public AnnounceSchedule(AnnounceSpec spec, int addresses)
    {
        _spec = spec;
        _left = new int[addresses];
    }

    /// <summary><see cref="TimeSpan.MaxValue"/>: nothing more.</summary>
    public TimeSpan Next
    {
        get
        {
            var later = _repeatAt < _refreshAt ? _repeatAt : _refreshAt;
            return _total > 0 && _packetAt < later ? _packetAt : later;
        }
    }

    public void Start(TimeSpan now)
    {
        AddAll(_spec.Count, now);
        _repeatAt = _spec.RepeatAfter > TimeSpan.Zero ? now + _spec.RepeatAfter : s_never;
        if (_refreshAt == s_never && _spec.Refresh > TimeSpan.Zero) _refreshAt = now + _spec.Refresh;
    }

    /// <summary>A burst for one address that is new or came back.</summary>
    public void StartOne(int address, TimeSpan now)
    {
        if (address < _left.Length) Add(address, _spec.Count, now);
    }

    public void Stop()
    {
        Array.Clear(_left);
        _total = 0;
        _repeatAt = _refreshAt = s_never;
    }

    /// <summary>Another list of addresses; what was under way is not, and the refresh goes on.</summary>
    public void Reload(AnnounceSpec spec, int addresses, bool isMaster, TimeSpan now)
    {
        Stop();
        _spec = spec;
        if (_left.Length != addresses) _left = new int[addresses];
        _cursor = 0;
        if (isMaster && spec.Refresh > TimeSpan.Zero) _refreshAt = now + spec.Refresh;
    }

    public bool TryTake(TimeSpan now, out int address)
    {
        if (now >= _repeatAt)
        {
            AddAll(_spec.Count, now);
            _repeatAt = s_never;
        }
        if (now >= _refreshAt)
        {
            AddAll(1, now);
            _refreshAt = now + _spec.Refresh;
        }
        address = -1;
        if (_total == 0 || now < _packetAt) return false;
        while (_left[_cursor] == 0) _cursor = (_cursor + 1) % _left.Length;
        address = _cursor;
        _left[address]--;
        _total--;
        _cursor = (_cursor + 1) % _left.Length;
        _packetAt = now + _spec.Spacing;
        return true;
    }

    void AddAll(int packets, TimeSpan now)
    {
        for (var i = 0; i < _left.Length; i++) Add(i, packets, now);
    }

    void Add(int address, int packets, TimeSpan now)
    {
        // The last packet's spacing holds for the next burst too.
        if (_total == 0 && _packetAt < now) _packetAt = now;
        var more = Math.Max(packets - _left[address], 0);
        _left[address] += more;
        _total += more;
    }
}
