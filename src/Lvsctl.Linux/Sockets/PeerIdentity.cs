using System.Net.Sockets;
using System.Runtime.InteropServices;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Sockets;

/// <summary>Who is at the other end of a Unix socket, by the kernel's word: as it was when the connection was made (unix(7), SO_PEERCRED and SO_PEERGROUPS).</summary>
/// <param name="Groups">All it is in besides its first.</param>
public sealed record PeerIdentity(int Process, uint User, uint Group, IReadOnlyList<uint> Groups)
{
    const int SOL_SOCKET = 1;
    const int SO_PEERCRED = 17;
    const int SO_PEERGROUPS = 59;
    const int MostGroups = 65_536;

    /// <exception cref="SocketException">It is no Unix socket, or not connected.</exception>
    public static PeerIdentity Of(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SOL_SOCKET, SO_PEERCRED, credentials);
        var numbers = MemoryMarshal.Cast<byte, uint>(credentials);
        return new((int)numbers[0], numbers[1], numbers[2], GroupsOf(socket));
    }

    static uint[] GroupsOf(Socket socket)
    {
        for (var count = 64; count <= MostGroups; count *= 32)
        {
            var groups = new uint[count];
            try
            {
                var bytes = socket.GetRawSocketOption(SOL_SOCKET, SO_PEERGROUPS, MemoryMarshal.AsBytes(groups.AsSpan()));
                return groups[..(bytes / sizeof(uint))];
            }
            catch (SocketException e) when (e.NativeErrorCode == (int)Errno.ERANGE)
            {
                // More groups than room.
            }
            catch (SocketException)
            {
                return [];
            }
        }
        return [];
    }

    public bool IsIn(uint group) => Group == group || Groups.Contains(group);
}
