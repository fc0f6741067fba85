namespace Lvsctl.Director.Probing.Conversations;

/// <summary>
/// Looks for bytes in a stream without keeping any of it: what matters of the past is how many of the wanted bytes it ended with, and
/// those are known.
/// </summary>
struct Sought(byte[] wanted)
{
    int _matched;

    public bool Found { get; private set; } = wanted.Length == 0;

    public void Reset()
    {
        _matched = 0;
        Found = wanted.Length == 0;
    }

    public bool In(ReadOnlySpan<byte> bytes)
    {
        if (Found) return true;
        // Across the border first: the longest beginning that the past ended with, then the next shorter one.
        for (; _matched > 0; _matched = Border(wanted.AsSpan(0, _matched)))
        {
            var missing = wanted.AsSpan(_matched);
            var common = Math.Min(missing.Length, bytes.Length);
            if (!bytes[..common].SequenceEqual(missing[..common])) continue;
            if (common == missing.Length) return Found = true;
            _matched += common;
            return false;
        }
        if (bytes.IndexOf(wanted) >= 0) return Found = true;
        _matched = Overlap(bytes);
        return false;
    }

    /// <summary>The longest end of the bytes that the wanted ones begin with.</summary>
    readonly int Overlap(ReadOnlySpan<byte> bytes)
    {
        for (var length = Math.Min(wanted.Length - 1, bytes.Length); length > 0; length--)
        {
            if (bytes[^length..].SequenceEqual(wanted.AsSpan(0, length))) return length;
        }
        return 0;
    }

    /// <summary>The longest proper beginning of the bytes that is their end as well.</summary>
    static int Border(ReadOnlySpan<byte> bytes)
    {
        for (var length = bytes.Length - 1; length > 0; length--)
        {
            if (bytes[^length..].SequenceEqual(bytes[..length])) return length;
        }
        return 0;
    }
}
