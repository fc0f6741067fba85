using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Testing;

/// <summary>One socket to a <see cref="FakeKernel"/>. Time does not pass: what is not there now never comes.</summary>
sealed class FakeNetlinkSocket(FakeKernel kernel) : INetlinkTransport
{
    readonly Queue<byte[]> _waiting = new();
    int _held = kernel.AnswersHeld;
    bool _dropped;

    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length > 212_960) throw new NetlinkException("sending to the kernel", Errno.EMSGSIZE);
        List<byte[]> answers;
        // A kernel handles one command at a time, whoever sends it.
        lock (kernel) answers = kernel.Handle(datagram);
        foreach (var answer in answers)
        {
            // A dump goes on only as far as there is room, so nothing of it (NLM_F_MULTI) is ever dropped.
            if (_waiting.Count < _held || (answer[6] & 2) != 0) _waiting.Enqueue(answer);
            else _dropped = true;
        }
    }

    public bool TryReceive(Span<byte> buffer, TimeSpan timeout, out int length, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        length = 0;
        if (_dropped)
        {
            _dropped = false;
            throw new NetlinkException("receiving from the kernel", Errno.ENOBUFS);
        }
        if (!_waiting.TryDequeue(out var answer)) return false;
        if (answer.Length > buffer.Length) throw new NetlinkException("receiving from the kernel", Errno.EMSGSIZE);
        answer.CopyTo(buffer);
        length = answer.Length;
        return true;
    }

    public bool TryGrowReceiveBuffer(int bytes)
    {
        if (!kernel.MayGrowBuffers) return false;
        _held = bytes / 900;
        return true;
    }

    public void Dispose()
    {
    }
}
