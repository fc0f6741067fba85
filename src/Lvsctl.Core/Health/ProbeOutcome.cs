namespace Lvsctl.Core.Health;

/// <summary>Why a probe ended as it did; what metrics count by. The three groups are told apart by <see cref="ProbeOutcome.Verdict"/>.</summary>
public enum ProbeReason
{
    /// <summary>The answer was a good one.</summary>
    Ok,

    // The server's fault, or that of the way to it.

    /// <summary>The port is closed: RST, or ICMP port unreachable.</summary>
    Refused,

    /// <summary>The check's time was over before the answer was complete.</summary>
    TimedOut,

    /// <summary>The connection was reset after it had been made.</summary>
    Reset,

    /// <summary>Somebody on the way said that host or network cannot be reached, or nobody answered for its hardware address.</summary>
    Unreachable,

    /// <summary>The server hung up before it had answered.</summary>
    Closed,

    /// <summary>What came is not the protocol that was asked for.</summary>
    BadReply,

    /// <summary>A proper answer, but not the expected one: a status, a text, a role, an exit code.</summary>
    Unexpected,

    /// <summary>TLS could not be agreed on, or the certificate is not trusted.</summary>
    Tls,

    /// <summary>The probe itself failed in a way nobody foresaw. Counted as the server's failure, so that no such defect hides a dead server.</summary>
    Broken,

    // The director's own fault: nothing was learnt about the server.

    /// <summary>The director has no route, or not the source address or interface that the check names.</summary>
    NoRoute,

    /// <summary>No descriptors, ports, processes or memory left.</summary>
    NoResources,

    /// <summary>The director lacks a permission, a file, a program or a library that the check needs.</summary>
    NotPossible,

    /// <summary>The run ended before the probe did.</summary>
    Abandoned,
}

public enum ProbeVerdict
{
    Up,
    Down,

    /// <summary>The probe could not be made; the server's state stays what it was.</summary>
    Unmade,
}

/// <summary>What one probe found. It reports and does not judge: rise and fall are the policy's.</summary>
/// <param name="Took">From the first packet to the verdict; zero where nothing was sent.</param>
/// <param name="Detail">Evidence for people, at most 200 characters; null where the reason says it all.</param>
public readonly record struct ProbeOutcome(ProbeReason Reason, TimeSpan Took, string? Detail = null)
{
    /// <summary>What the server said of its own weight; of an answer that is <see cref="ProbeVerdict.Up"/> only.</summary>
    public AgentWord Word { get; init; }

    /// <summary>What an operator should know although the answer is good: a certificate that ends soon.</summary>
    public string? Warning { get; init; }

    public ProbeVerdict Verdict => Reason switch
    {
        ProbeReason.Ok => ProbeVerdict.Up,
        >= ProbeReason.NoRoute => ProbeVerdict.Unmade,
        _ => ProbeVerdict.Down,
    };
}

public enum AgentWordKind : byte
{
    /// <summary>The server said nothing of its weight.</summary>
    None,

    /// <summary>An absolute weight.</summary>
    Weight,

    /// <summary>A part of the manifest's weight, in percent.</summary>
    Percent,

    /// <summary>No new connections, please.</summary>
    Drain,
}

/// <summary>What a server says of its own weight: <c>7</c>, <c>50%</c> or <c>drain</c>.</summary>
public readonly record struct AgentWord(AgentWordKind Kind, int Value = 0)
{
    const int MaxPercent = 1000;

    static readonly System.Buffers.SearchValues<char> s_ends = System.Buffers.SearchValues.Create(" \t\r\n,;");

    /// <summary>Reads the first word of the text: a weight 0..2147483647, a percentage 0..1000, <c>drain</c>, or nothing of the kind.</summary>
    public static AgentWord Read(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        var end = text.IndexOfAny(s_ends);
        var word = end < 0 ? text : text[..end];
        if (word.Equals("drain", StringComparison.OrdinalIgnoreCase)) return new(AgentWordKind.Drain);
        if (word.EndsWith("%")) return Number(word[..^1]) is { } percent and <= MaxPercent ? new(AgentWordKind.Percent, percent) : default;
        return Number(word) is { } weight ? new(AgentWordKind.Weight, weight) : default;
    }

    static int? Number(ReadOnlySpan<char> text) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    public override string ToString() => Kind switch
    {
        AgentWordKind.Weight => Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        AgentWordKind.Percent => $"{Value}%",
        AgentWordKind.Drain => "drain",
        _ => "",
    };
}
