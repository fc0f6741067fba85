namespace Lvsctl.Cli.Ipvsadm.Parsing;

/// <summary>Numbers as strtol(3) reads them in base 10: blanks and a sign may come first.</summary>
static class DecimalNumber
{
    /// <summary>The whole text must be a number of the range.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, long least, long greatest, out long number)
    {
        var length = ParseStart(text, out number);
        return length != 0 && length == text.Length && number >= least && number <= greatest;
    }

    /// <summary>atoi(3): as far as it is a number, 0 when it is none, and only the low half of one that is too long.</summary>
    public static int Atoi(ReadOnlySpan<char> text)
    {
        ParseStart(text, out var number);
        return unchecked((int)number);
    }

    // Returns how much was read; a number out of range stays at the end of the range.
    static int ParseStart(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        var at = 0;
        while (at < text.Length && text[at] is ' ' or >= '\t' and <= '\r') at++;
        var negative = at < text.Length && text[at] == '-';
        if (negative || (at < text.Length && text[at] == '+')) at++;
        var digits = at;
        for (; at < text.Length && char.IsAsciiDigit(text[at]); at++)
        {
            var digit = text[at] - '0';
            if (number < (long.MinValue + digit) / 10) number = long.MinValue;
            else number = number * 10 - digit;
        }
        if (at == digits) return 0;
        if (!negative) number = number == long.MinValue ? long.MaxValue : -number;
        return at;
    }
}
