using System.Buffers;

namespace Lvsctl.Director.Probing.Conversations;

enum Piece
{
    /// <summary>Not all of it is here yet; what came is kept.</summary>
    Partial,
    Whole,
    TooLong,
}

/// <summary>
/// Joins what was split on the way. A piece that came in one is handed out where it lies; only a split one is copied. Whatever the
/// splits, the same pieces come out, and nothing longer than allowed is ever kept.
/// </summary>
struct Splicer
{
    byte[]? _held;
    int _length;

    /// <summary>The next line, without its CR LF. A bare LF ends one too.</summary>
    /// <param name="longest">Bytes before the LF.</param>
    /// <param name="line">Valid until the next call.</param>
    public Piece Line(ref ReadOnlySpan<byte> bytes, int longest, out ReadOnlySpan<byte> line)
    {
        line = default;
        var end = bytes.IndexOf((byte)'\n');
        if (_length + (end < 0 ? bytes.Length : end) > longest) return Piece.TooLong;
        if (end < 0)
        {
            Keep(bytes);
            bytes = default;
            return Piece.Partial;
        }
        line = Joined(bytes[..end]);
        if (line is [.., (byte)'\r']) line = line[..^1];
        bytes = bytes[(end + 1)..];
        return Piece.Whole;
    }

    /// <summary>The next <paramref name="count"/> bytes, if they are all here.</summary>
    /// <param name="taken">Valid until the next call.</param>
    public bool Take(ref ReadOnlySpan<byte> bytes, int count, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        var missing = count - _length;
        if (bytes.Length < missing)
        {
            Keep(bytes);
            bytes = default;
            return false;
        }
        taken = Joined(bytes[..missing]);
        bytes = bytes[missing..];
        return true;
    }

    public void Clear() => _length = 0;

    public void Return()
    {
        if (_held is not null) ArrayPool<byte>.Shared.Return(_held);
        _held = null;
        _length = 0;
    }

    ReadOnlySpan<byte> Joined(ReadOnlySpan<byte> rest)
    {
        if (_length == 0) return rest;
        Keep(rest);
        var whole = _held.AsSpan(0, _length);
        _length = 0;
        return whole;
    }

    void Keep(ReadOnlySpan<byte> bytes)
    {
        Pool.Append(ref _held, ref _length, bytes);
    }
}

static class Pool
{
    const int Smallest = 256;

    /// <summary>Appends to a rented array, which is exchanged for a larger one when needed.</summary>
    public static void Append(ref byte[]? rented, ref int length, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        var needed = length + bytes.Length;
        if (rented is null || rented.Length < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Smallest, Math.Max(needed, length * 2)));
            if (rented is not null)
            {
                rented.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(rented);
            }
            rented = larger;
        }
        bytes.CopyTo(rented.AsSpan(length));
        length = needed;
    }
}
