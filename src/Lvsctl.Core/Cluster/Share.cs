namespace Lvsctl.Core.Cluster;

/// <summary>A number of servers, or a part of them all.</summary>
public readonly record struct Share(int Value, bool IsPercent)
{
    public static Share Count(int value) => new(value, false);

    public static Share Percent(int value) => new(value, true);

    /// <summary>Of so many, how many are meant; a part is rounded up, so that 50% of 3 is 2.</summary>
    public int Of(int all) => IsPercent ? (int)Math.Min(int.MaxValue, ((long)all * Value + 99) / 100) : Value;

    /// <summary><c>3</c> or <c>50%</c>.</summary>
    public override string ToString() => IsPercent ? $"{Value}%" : Value.ToString();
}
