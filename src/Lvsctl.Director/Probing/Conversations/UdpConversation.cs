using System.Buffers;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>One packet there, one back. Whether silence is a good answer is for the one who waits.</summary>
sealed class UdpConversation(ProbeSpec.Udp spec) : Conversation
{
    readonly byte[] _send = [.. spec.Send];
    readonly byte[] _expect = [.. spec.Expect];

    public override Turn Begin(IBufferWriter<byte> say)
    {
        say.Write(_send);
        return Turn.Listen;
    }

    public override Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say) =>
        bytes.IndexOf(_expect) >= 0 ? Hang(ProbeReason.Ok) : Hang(ProbeReason.Unexpected, $"reply does not contain {Evidence.Wish(_expect)}");

    public override Turn End() => Hang(ProbeReason.Closed);
}
