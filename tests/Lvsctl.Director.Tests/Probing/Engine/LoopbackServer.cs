using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lvsctl.Director.Tests.Probing.Engine;

/// <summary>A server that plays its part on every connection.</summary>
sealed class LoopbackServer : IDisposable
{
    readonly Socket _listener = Listen();

    public LoopbackServer(Func<Stream, Task> serve)
    {
        At = (IPEndPoint)_listener.LocalEndPoint!;
        _ = ServeAsync(serve);
    }

    public IPEndPoint At { get; }

    public int Connections { get; private set; }

    /// <summary>What went wrong on this side, which is often what a test is about.</summary>
    public Exception? Trouble { get; private set; }

    public static Socket Listen(int backlog = 512)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen(backlog);
        return socket;
    }

    /// <summary>A port that nobody listens at.</summary>
    public static IPEndPoint Closed()
    {
        using var socket = Listen();
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    public static LoopbackServer Saying(string words) => new(stream => SayAsync(stream, words));

    /// <summary>Answers a request once it has come whole.</summary>
    public static LoopbackServer Http(string reply) => new(async stream =>
    {
        await HearAsync(stream, "\r\n\r\n");
        await SayAsync(stream, reply);
    });

    public static async Task SayAsync(Stream stream, string words) => await stream.WriteAsync(Encoding.Latin1.GetBytes(words));

    /// <returns>All that came until it ended so.</returns>
    public static async Task<string> HearAsync(Stream stream, string end)
    {
        var heard = new StringBuilder();
        var one = new byte[1];
        while (!heard.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0) throw new EndOfStreamException($"closed after: {heard}");
            heard.Append((char)one[0]);
        }
        return heard.ToString();
    }

    async Task ServeAsync(Func<Stream, Task> serve)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            Connections++;
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            try
            {
                await serve(stream);
            }
            catch (Exception e)
            {
                Trouble = e;
            }
        }
    }

    public void Dispose() => _listener.Dispose();
}
