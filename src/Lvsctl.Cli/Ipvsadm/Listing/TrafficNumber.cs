namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary>A counter in nine columns: shortened to thousands, millions and so on, unless it is asked for exactly.</summary>
readonly record struct TrafficNumber(ulong Value, bool Exact) : IUtf8SpanFormattable
{
    public bool TryFormat(Span<byte> destination, out int written, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        var (number, unit) = Exact ? (Value, '\0') : Shorten(Value);
        var fits = number.TryFormat(destination[1..], out var digits);
        // Right-aligned, and never without a blank before it.
        var width = unit == '\0' ? 9 : 8;
        var blanks = Math.Max(width - digits, unit == '\0' ? 1 : 0);
        destination.Slice(1, digits).CopyTo(destination[blanks..]);
        destination[..blanks].Fill((byte)' ');
        written = blanks + digits;
        if (unit != '\0') destination[written++] = (byte)unit;
        return fits;
    }

    static (ulong Number, char Unit) Shorten(ulong value) => value switch
    {
        < 100_000_000 => (value, '\0'),
        < 1_000_000_000 => (value / 1_000, 'K'),
        < 100_000_000_000 => (value / 1_000_000, 'M'),
        < 100_000_000_000_000 => (value / 1_000_000_000, 'G'),
        _ => (value / 1_000_000_000_000, 'T'),
    };
}
