using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Tests.Addresses;

/// <summary>Keeps what it is sent, and answers with what it was given.</summary>
sealed class RecordingPeer(Queue<byte[]> answers) : INetlinkTransport
{
    public RecordingPeer(IEnumerable<byte[]> answers)
        : this(new Queue<byte[]>(answers))
    {
    }

    /// <summary>In lower-case hexadecimal.</summary>
    public string Sent { get; private set; } = "";

    public static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", ""));

    public void Send(ReadOnlySpan<byte> datagram) => Sent += Convert.ToHexStringLower(datagram);

    public bool TryReceive(Span<byte> buffer, TimeSpan timeout, out int length, CancellationToken cancellation)
    {
        length = 0;
        if (!answers.TryDequeue(out var answer)) return false;
        answer.CopyTo(buffer);
        length = answer.Length;
        return true;
    }

    public bool TryGrowReceiveBuffer(int bytes) => true;

    public void Dispose()
    {
    }
}
