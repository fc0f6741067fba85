using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lvsctl.Page.Tests;

/// <summary>A real server that says the same words to everybody, dies and comes back at its port.</summary>
public sealed class ToyServer : IDisposable
{
    TcpListener? _listener;

    public ToyServer(string words = "fine")
    {
        Words = words;
        Start(0);
        At = (IPEndPoint)_listener!.LocalEndpoint;
    }

    public IPEndPoint At { get; }

    public string Words { get; set; }

    public void Die()
    {
        _listener?.Stop();
        _listener = null;
    }

    public void Return() => Start(At.Port);

    void Start(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _ = ServeAsync(_listener);
    }

    async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(Words));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // It died.
        }
    }

    public void Dispose() => Die();
}
