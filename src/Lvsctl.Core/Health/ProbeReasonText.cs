namespace Lvsctl.Core.Health;

public static class ProbeReasonText
{
    /// <summary>What people call it: <c>connection refused</c>.</summary>
    public static string Words(this ProbeReason reason) => reason switch
    {
        ProbeReason.Ok => "ok",
        ProbeReason.Refused => "connection refused",
        ProbeReason.TimedOut => "timed out",
        ProbeReason.Reset => "connection reset",
        ProbeReason.Unreachable => "unreachable",
        ProbeReason.Closed => "hung up",
        ProbeReason.BadReply => "bad reply",
        ProbeReason.Unexpected => "not the expected answer",
        ProbeReason.Tls => "TLS failed",
        ProbeReason.Broken => "the probe failed",
        ProbeReason.NoRoute => "no route from here",
        ProbeReason.NoResources => "no resources left here",
        ProbeReason.NotPossible => "not possible here",
        _ => "abandoned",
    };
}
