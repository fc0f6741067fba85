using System.Net.Sockets;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;
using Lvsctl.Linux.Processes;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// Where the VRRP process is asked: a Unix socket beside the director's, with one line of question and one answer for each connection. The
/// first line of an answer is <c>ok</c>, or <c>no CODE WHY</c> with the exit code that the asking verb ends with. An HTTP server would cost
/// this process its small heap.
/// </summary>
sealed class VrrpDoor : IDisposable
{
    const int MostWaiting = 16;

    readonly string _path;
    readonly Socket _listener;
    volatile Fence _fence;

    VrrpDoor(string path, Socket listener, Fence fence) => (_path, _listener, _fence) = (path, listener, fence);

    public int Descriptor => (int)_listener.SafeHandle.DangerousGetHandle();

    /// <exception cref="IOException">It cannot be had: another lvsctl vrrp is at work, or the place is not to be written to.</exception>
    public static VrrpDoor Open(string path, ControlSpec control)
    {
        var fence = Fence.Of(path, control);
        var listener = SocketFile.Bind(path, fence.Mode, fence.Owner);
        listener.Blocking = false;
        listener.Listen(MostWaiting);
        return new(path, listener, fence);
    }

    /// <summary>Gives the file to those of another manifest, who may ask from now on. From any thread but the loop's: it asks the host's name service.</summary>
    /// <exception cref="IOException">There is no such group, or it may not be given to it.</exception>
    public void Give(ControlSpec control)
    {
        var fence = Fence.Of(_path, control);
        // A group that may no more goes on knocking, and is sent away.
        SocketFile.Give(_path, fence.Mode, fence.Owner);
        _fence = fence;
    }

    /// <summary>Null: nobody waits.</summary>
    /// <exception cref="IOException">This process or this host has not what it takes to let anybody in; who knocks goes on waiting.</exception>
    public VrrpGuest? TryAccept()
    {
        try
        {
            var socket = _listener.Accept();
            socket.Blocking = false;
            var fence = _fence;
            try
            {
                return new VrrpGuest(socket, ControlCaller.Of(PeerIdentity.Of(socket), fence.Group, fence.ReadOnlyGroup));
            }
            catch (SocketException)
            {
                socket.Dispose();
                return null;
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
        {
            throw new IOException(e.Message, e);
        }
        catch (SocketException)
        {
            // It went away again.
            return null;
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        File.Delete(_path);
    }

    // Names of groups become numbers before anybody knocks: a name service that is down would keep the loop waiting.
    sealed record Fence(UnixFileMode Mode, uint? Owner, uint? Group, uint? ReadOnlyGroup)
    {
        public static Fence Of(string path, ControlSpec control)
        {
            var (group, readOnlyGroup) = (Find(control.Group), Find(control.ReadOnlyGroup));
            var owner = control.Group is null ? readOnlyGroup : group;
            if (owner is null && (control.Group ?? control.ReadOnlyGroup) is { } name) throw new IOException($"cannot listen at {path}: there is no group '{name}'");
            var mode = (UnixFileMode)control.Mode;
            // A file has one group. With two of them everybody may knock, and is let in by who they are.
            if (control.Group is not null && control.ReadOnlyGroup is not null) mode |= UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            return new(mode, owner, group, readOnlyGroup);
        }

        static uint? Find(string? group) => group is null ? null : UserIdentity.FindGroup(group);
    }
}

/// <summary>Somebody who asks.</summary>
sealed class VrrpGuest(Socket socket, ControlCaller caller) : IDisposable
{
    readonly byte[] _question = new byte[256];
    int _length;
    byte[]? _answer;
    int _sent;

    public ControlCaller Caller => caller;

    public int Descriptor => (int)socket.SafeHandle.DangerousGetHandle();

    public bool IsOver { get; private set; }

    /// <summary>An answer waits for the guest to read on.</summary>
    public bool MustWrite => _answer is not null && !IsOver;

    /// <summary>The question once it is there whole.</summary>
    public string? Read()
    {
        if (_answer is not null) return null;
        try
        {
            var count = socket.Receive(_question.AsSpan(_length), SocketFlags.None);
            _length += count;
            var end = _question.AsSpan(0, _length).IndexOf((byte)'\n');
            if (end >= 0) return Encoding.UTF8.GetString(_question, 0, end);
            if (count == 0 || _length == _question.Length) IsOver = true;
        }
        catch (SocketException e)
        {
            IsOver = e.SocketErrorCode != SocketError.WouldBlock;
        }
        return null;
    }

    public void Accept(ReadOnlySpan<byte> answer)
    {
        _answer = [.. "ok\n"u8, .. answer];
        Write();
    }

    public void Refuse(ExitCode code, string why)
    {
        _answer = Encoding.UTF8.GetBytes($"no {(int)code} {why}\n");
        Write();
    }

    public void Write()
    {
        try
        {
            while (_answer is not null && _sent < _answer.Length) _sent += socket.Send(_answer.AsSpan(_sent), SocketFlags.None);
            IsOver = true;
        }
        catch (SocketException e)
        {
            IsOver = e.SocketErrorCode != SocketError.WouldBlock;
        }
    }

    public void Dispose() => socket.Dispose();
}
