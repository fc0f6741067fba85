namespace Lvsctl.Linux.Netlink;

/// <summary>Carries datagrams to one netlink family of a kernel and back: the real one, or the tests' byte-level fake.</summary>
public interface INetlinkTransport : IDisposable
{
    /// <exception cref="NetlinkException">The kernel did not take the datagram.</exception>
    void Send(ReadOnlySpan<byte> datagram);

    /// <summary>Waits for one datagram. False when none came in time.</summary>
    /// <exception cref="NetlinkException">ENOBUFS: datagrams were dropped. EMSGSIZE: one did not fit the buffer.</exception>
    /// <exception cref="OperationCanceledException"/>
    bool TryReceive(Span<byte> buffer, TimeSpan timeout, out int length, CancellationToken cancellation);

    /// <summary>Asks for room for this many bytes of waiting answers. False when the kernel grants only its default.</summary>
    bool TryGrowReceiveBuffer(int bytes);
}
