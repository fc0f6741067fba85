using Lvsctl.Linux.Netlink;

namespace Lvsctl.Testing;

/// <summary>A peer that answers with what it was given, whatever it is asked.</summary>
public sealed class ScriptedTransport : INetlinkTransport
{
    readonly Queue<byte[]> _answers = new();
    Func<byte[]>? _forEver;

    public void Answers(params IEnumerable<byte[]> datagrams)
    {
        foreach (var datagram in datagrams) _answers.Enqueue(datagram);
    }

    public void AnswersForEver(Func<byte[]> next) => _forEver = next;

    public void Send(ReadOnlySpan<byte> datagram)
    {
    }

    public bool TryReceive(Span<byte> buffer, TimeSpan timeout, out int length, CancellationToken cancellation)
    {
        length = 0;
        if (!_answers.TryDequeue(out var answer)) answer = _forEver?.Invoke();
        if (answer is null) return false;
        answer.CopyTo(buffer);
        length = answer.Length;
        return true;
    }

    public bool TryGrowReceiveBuffer(int bytes) => true;

    public void Dispose()
    {
    }
}
