using System.Net;
using System.Net.Sockets;

namespace Lvsctl.Kernel.Tests.Running.Soak;

/// <summary>Servers at one port of every loopback address: up, refusing, or silent as a dead host is. To be used on one thread, in its network namespace.</summary>
sealed class Rack(int port) : IDisposable
{
    static readonly TimeSpan s_silence = TimeSpan.FromMilliseconds(300);

    readonly List<Socket> _sockets = [];

    public void Serve()
    {
        Dispose();
        var listener = Listen(4096);
        _ = Task.Run(() => AcceptAsync(listener));
    }

    public void Refuse() => Dispose();

    /// <summary>
    /// Whoever connects hears nothing: the line of those that wait to be accepted is full, so the kernel drops what comes. Others of us connect
    /// until one hears nothing himself: he who was first may have met with the end of the program before, and waits no more.
    /// </summary>
    public void BeSilent()
    {
        Dispose();
        Listen(0);
        for (var i = 0; i < 10; i++)
        {
            var waiting = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
            _sockets.Add(waiting);
            try
            {
                waiting.Connect(new IPEndPoint(IPAddress.Loopback, port));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                // As it should.
            }
            if (!waiting.Poll(s_silence, SelectMode.SelectWrite)) return;
        }
        throw new InvalidOperationException($"the kernel answers at port {port}, whoever waits there");
    }

    Socket Listen(int line)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _sockets.Add(listener);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen(line);
        return listener;
    }

    static async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true) (await listener.AcceptAsync()).Dispose();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The rack is down.
        }
    }

    public void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
        _sockets.Clear();
    }
}
