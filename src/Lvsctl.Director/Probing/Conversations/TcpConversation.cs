using System.Buffers;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>Says something, waits for something: what is wanted may come at any place of what the server says, in any number of parts.</summary>
sealed class TcpConversation : Conversation
{
    const int MostRead = 1 << 20;

    readonly byte[] _send;
    readonly byte[] _expect;
    readonly bool _weighs;

    Sought _sought;
    SpokenWeight _weight;
    int _read;

    public TcpConversation(ProbeSpec.Tcp spec, AgentWeightSpec? weight)
    {
        _send = [.. spec.Send];
        _expect = [.. spec.Expect];
        _weighs = weight is { From: WeightSource.Body };
        _sought = new(_expect);
    }

    public override Turn Begin(IBufferWriter<byte> say)
    {
        _sought.Reset();
        _weight.Reset();
        _read = 0;
        say.Write(_send);
        return _expect.Length == 0 && !_weighs ? Hang(ProbeReason.Ok) : Turn.Listen;
    }

    public override Turn Receive(ReadOnlySpan<byte> bytes, IBufferWriter<byte> say)
    {
        bytes = bytes[..Math.Min(bytes.Length, MostRead - _read)];
        _read += bytes.Length;
        if (_weighs) _weight.Hear(bytes);
        if (_sought.In(bytes) && (!_weighs || _weight.Done)) return Good();
        if (_read < MostRead) return Turn.Listen;
        return _sought.Found ? Good() : Hang(ProbeReason.Unexpected, $"said {MostRead >> 20} MiB without {Evidence.Wish(_expect)}");
    }

    public override Turn End() =>
        _sought.Found && (_read > 0 || _expect.Length > 0) ? Good()
        : Hang(ProbeReason.Closed, _expect.Length > 0 ? $"closed without {Evidence.Wish(_expect)}" : "closed before it said a weight");

    Turn Good()
    {
        var word = _weighs ? _weight.Word : default;
        return Hang(new Finding(ProbeReason.Ok, _weighs && word.Kind == AgentWordKind.None ? SpokenWeight.Missing : null, word));
    }
}
