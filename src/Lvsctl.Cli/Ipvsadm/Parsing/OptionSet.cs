using System.Numerics;

namespace Lvsctl.Cli.Ipvsadm.Parsing;

readonly record struct OptionSet(ulong Bits)
{
    public static OptionSet Of(params ReadOnlySpan<Option> options)
    {
        ulong bits = 0;
        foreach (var option in options) bits |= 1UL << (int)option;
        return new(bits);
    }

    public bool Has(Option option) => (Bits >> (int)option & 1) != 0;

    public bool HasAny(OptionSet others) => (Bits & others.Bits) != 0;

    public OptionSet With(Option option) => new(Bits | 1UL << (int)option);

    public bool IsSubsetOf(OptionSet others) => (Bits & ~others.Bits) == 0;

    public int Count => BitOperations.PopCount(Bits);

    public static OptionSet operator &(OptionSet a, OptionSet b) => new(a.Bits & b.Bits);

    public static OptionSet operator |(OptionSet a, OptionSet b) => new(a.Bits | b.Bits);
}
