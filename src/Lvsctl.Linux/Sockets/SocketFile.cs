using System.Net.Sockets;
using System.Runtime.InteropServices;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Sockets;

/// <summary>The file that a Unix socket listens at.</summary>
public static class SocketFile
{
    /// <summary>Binds without listening yet, so that nobody is let in before the file has its owner and mode. A file that a dead process left is taken away.</summary>
    /// <param name="group">Null: the process's own.</param>
    /// <exception cref="IOException">Something else is at that path, somebody listens there, or the file cannot be made; the message says which and what to do.</exception>
    public static Socket Bind(string path, UnixFileMode mode, uint? group)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } directory) Directory.CreateDirectory(directory);
            MakeWay(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            Give(path, mode, group);
            return socket;
        }
        catch (Exception e) when (e is SocketException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new IOException($"cannot listen at {path}: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>From now on these may connect.</summary>
    /// <param name="group">Null: as it was.</param>
    /// <exception cref="IOException">It may not be given to them.</exception>
    public static void Give(string path, UnixFileMode mode, uint? group)
    {
        try
        {
            if (group is { } gid && LibC.chown(path, uint.MaxValue, gid) != 0) throw new IOException($"cannot give {path} to group {gid}, which takes CAP_CHOWN: {ErrnoText.Describe((Errno)Marshal.GetLastPInvokeError())}");
            File.SetUnixFileMode(path, mode);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"cannot set the mode of {path}: {e.Message}", e);
        }
    }

    static void MakeWay(string path)
    {
        if (!Path.Exists(path)) return;
        using var caller = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            caller.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            // Whoever made it is dead.
            File.Delete(path);
            return;
        }
        catch (SocketException e) when (IsSocket(path))
        {
            throw new IOException($"cannot listen at {path}: {e.Message}", e);
        }
        catch (SocketException)
        {
            throw new IOException($"cannot listen at {path}: something that is no socket is there; move it away, or name another path");
        }
        throw new IOException($"cannot listen at {path}: another process does; stop it, or name another path");
    }

    // open(2) says so, of sockets only.
    static bool IsSocket(string path)
    {
        var descriptor = LibC.open(path, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_CLOEXEC);
        if (descriptor < 0) return Marshal.GetLastPInvokeError() == (int)Errno.ENXIO;
        _ = LibC.close(descriptor);
        return false;
    }
}
