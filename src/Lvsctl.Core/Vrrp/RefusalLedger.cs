namespace Lvsctl.Core.Vrrp;

/// <summary>Counts refusals and remarks of one virtual router, and says which of them are worth a line in the log.</summary>
public sealed class RefusalLedger
{
    // Of so many senders: one more after the other is somebody's attack.
    const int MostTold = 8;

    readonly long[] _refusals = new long[(int)VrrpRefusal.UnknownPeer + 1];
    readonly HashSet<WireAddress>?[] _told = new HashSet<WireAddress>?[(int)VrrpRefusal.UnknownPeer + 1];
    readonly long[] _remarks = new long[3];
    readonly HashSet<WireAddress>?[] _remarked = new HashSet<WireAddress>?[3];

    public long this[VrrpRefusal cause] => _refusals[(int)cause];

    public long this[VrrpRemarks remark] => _remarks[IndexOf(remark)];

    /// <returns>True once for each cause and sender, of the first eight of them, until <see cref="Reset"/> is called.</returns>
    public bool Count(VrrpRefusal cause, WireAddress sender)
    {
        _refusals[(int)cause]++;
        return IsNews(ref _told[(int)cause], sender);
    }

    /// <returns>Those that are news.</returns>
    public VrrpRemarks Count(VrrpRemarks remarks, WireAddress sender)
    {
        var news = VrrpRemarks.None;
        for (var i = 0; i < _remarks.Length; i++)
        {
            var one = (VrrpRemarks)(1 << i);
            if ((remarks & one) == 0) continue;
            _remarks[i]++;
            if (IsNews(ref _remarked[i], sender)) news |= one;
        }
        return news;
    }

    /// <summary>The router's state changed, or its configuration: whatever is still wrong is told once more.</summary>
    public void Reset()
    {
        Array.Clear(_told);
        Array.Clear(_remarked);
    }

    static int IndexOf(VrrpRemarks remark) => System.Numerics.BitOperations.TrailingZeroCount((int)remark);

    static bool IsNews(ref HashSet<WireAddress>? told, WireAddress sender)
    {
        told ??= [];
        return told.Count < MostTold && told.Add(sender);
    }
}
