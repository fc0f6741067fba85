using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Lvsctl.Kernel.Tests.Health;

/// <summary>How a client of each kind of service finds out whether it is served, each time on a new connection. They throw if it is not.</summary>
static class Exchange
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public static void Http(IPEndPoint to) => OverTcp(to, s => Ask(s, "GET / HTTP/1.0\r\n\r\n", "\r\n\r\nwell\n"));

    public static void Https(IPEndPoint to) => OverTcp(to, stream =>
    {
        using var tls = new SslStream(stream, leaveInnerStreamOpen: true, (_, certificate, _, _) => certificate?.Subject == "CN=lab.test");
        tls.AuthenticateAsClient("lab.test");
        Ask(tls, "GET / HTTP/1.0\r\n\r\n", "\r\n\r\nwell\n");
    });

    public static void Echo(IPEndPoint to) => OverTcp(to, s => Ask(s, "hello lvsctl", "hello lvsctl"));

    public static void Smtp(IPEndPoint to) => OverTcp(to, stream =>
    {
        Hear(stream, "220 ");
        Ask(stream, "EHLO client\r\n", "250 ");
        Ask(stream, "QUIT\r\n", "221 ");
    });

    public static void Redis(IPEndPoint to) => OverTcp(to, s => Ask(s, "PING\r\n", "+PONG\r\n"));

    // To the server's invitation to log in.
    public static void Postgres(IPEndPoint to) => OverTcp(to, stream =>
    {
        const int Version3 = 196608;
        byte[] words = [.. "user\0postgres\0\0"u8];
        var message = new byte[8 + words.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), Version3);
        words.CopyTo(message, 8);
        stream.Write(message);
        Hear(stream, "server_version");
    });

    // The greeting, and a log-in as somebody without a password, whose refusal is an answer as well.
    public static void MySql(IPEndPoint to) => OverTcp(to, stream =>
    {
        Hear(stream, "MariaDB");
        byte[] body = [0x00, 0x82, 0x08, 0x00, 0, 0, 0, 1, 33, .. new byte[23], .. "nobody\0"u8, 0];
        stream.Write([(byte)body.Length, 0, 0, 1, .. body]);
        Hear(stream, "nobody");
    });

    public static void DnsOverTcp(IPEndPoint to) => OverTcp(to, stream =>
    {
        var question = Question();
        stream.Write([0, (byte)question.Length, .. question]);
        var answer = new byte[512];
        stream.ReadAtLeast(answer, 2 + question.Length);
        Judge(question, answer.AsSpan(2));
    });

    public static void Dns(IPEndPoint to)
    {
        var question = Question();
        Judge(question, OverUdp(to, question));
    }

    public static void UdpEcho(IPEndPoint to)
    {
        byte[] words = [.. "hello lvsctl"u8];
        if (!OverUdp(to, words).AsSpan().SequenceEqual(words)) throw new IOException("another answer");
    }

    static byte[] Question()
    {
        var id = (ushort)Random.Shared.Next();
        return [(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, .. "shop"u8, 7, .. "example"u8, 0, 0, 1, 0, 1];
    }

    static void Judge(ReadOnlySpan<byte> question, ReadOnlySpan<byte> answer)
    {
        if (!answer.StartsWith(question[..2]) || (answer[3] & 0xF) != 0 || answer[7] != 1) throw new IOException("no answer to the question");
    }

    static byte[] OverUdp(IPEndPoint to, byte[] words)
    {
        using var socket = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = (int)s_patience.TotalMilliseconds };
        socket.Connect(to);
        socket.Send(words);
        var answer = new byte[2048];
        return answer[..socket.Receive(answer)];
    }

    static void OverTcp(IPEndPoint to, Action<NetworkStream> talk)
    {
        var patience = (int)s_patience.TotalMilliseconds;
        using var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = patience, ReceiveTimeout = patience, NoDelay = true };
        // A time-out for connecting too; by Wait an exception would come wrapped.
        using (var connecting = new CancellationTokenSource(s_patience)) socket.ConnectAsync(to, connecting.Token).AsTask().GetAwaiter().GetResult();
        using var stream = new NetworkStream(socket);
        talk(stream);
    }

    static void Ask(Stream stream, string question, string end)
    {
        stream.Write(Encoding.ASCII.GetBytes(question));
        Hear(stream, end);
    }

    static void Hear(Stream stream, string awaited)
    {
        var (heard, buffer) = (new StringBuilder(), new byte[4096]);
        while (!heard.ToString().Contains(awaited, StringComparison.Ordinal))
        {
            var size = stream.Read(buffer);
            if (size == 0) throw new IOException($"closed without '{awaited.Trim()}'");
            heard.Append(Encoding.Latin1.GetString(buffer, 0, size));
        }
    }
}
