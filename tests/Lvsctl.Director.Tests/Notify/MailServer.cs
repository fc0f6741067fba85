using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Lvsctl.Director.Tests.Notify;

/// <summary>An SMTP server that does what the test says, one client after the other.</summary>
sealed class MailServer : IAsyncDisposable
{
    readonly ConcurrentQueue<string> _heard = [];
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly X509Certificate2? _certificate;
    readonly bool _isSecureAtOnce;
    readonly Task _serving;

    /// <param name="certificate">Null: no TLS.</param>
    public MailServer(X509Certificate2? certificate = null, bool isSecureAtOnce = false)
    {
        (_certificate, _isSecureAtOnce) = (certificate, isSecureAtOnce);
        _listener.Start();
        _serving = ServeAsync();
    }

    public ushort Port => (ushort)((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What it says to EHLO besides.</summary>
    public List<string> Extensions { get; } = [];

    /// <summary>Answers by the beginning of a command; all else is well. Null: nothing more is said.</summary>
    public ConcurrentDictionary<string, string?> Answers { get; } = [];

    /// <summary>Sent behind the answer to STARTTLS in the same packet.</summary>
    public string Smuggled { get; set; } = "";

    /// <summary>Until now: whoever has delivered may say QUIT still. TLS stands before what came through it.</summary>
    public IReadOnlyList<string> Heard => [.. _heard];

    public List<string> Mails { get; } = [];

    async Task ServeAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            using (client)
            {
                try
                {
                    await TalkAsync(client.GetStream());
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // Whoever hangs up is not missed.
                }
            }
        }
    }

    async Task TalkAsync(Stream stream)
    {
        if (_isSecureAtOnce) stream = await SecuredAsync(stream);
        await SayAsync("220 mail.example ESMTP");
        while (await LineAsync() is { } line)
        {
            _heard.Enqueue(stream is SslStream ? $"TLS {line}" : line);
            var answer = Answers.Where(a => line.StartsWith(a.Key, StringComparison.Ordinal)).Select(a => a.Value).FirstOrDefault("");
            if (answer is null) await Task.Delay(Timeout.Infinite).WaitAsync(TimeSpan.FromSeconds(30));
            if (answer is { Length: > 0 })
            {
                await SayAsync(answer);
            }
            else if (line.StartsWith("EHLO", StringComparison.Ordinal))
            {
                string[] all = ["mail.example", .. Extensions, .. _certificate is not null && stream is not SslStream ? (string[])["STARTTLS"] : [], "8BITMIME"];
                await SayAsync(string.Join("\r\n", all.Select((l, i) => $"250{(i == all.Length - 1 ? ' ' : '-')}{l}")));
            }
            else if (line == "STARTTLS")
            {
                await SayAsync("220 go ahead" + (Smuggled.Length > 0 ? "\r\n" + Smuggled : ""));
                stream = await SecuredAsync(stream);
            }
            else if (line == "DATA")
            {
                await SayAsync("354 go ahead");
                var mail = new StringBuilder();
                while (await LineAsync() is { } text && text != ".") mail.Append(text.StartsWith('.') ? text[1..] : text).Append("\r\n");
                Mails.Add(mail.ToString());
                await SayAsync("250 taken");
            }
            else
            {
                await SayAsync(line == "QUIT" ? "221 bye" : "250 ok");
            }
        }

        async Task SayAsync(string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"));

        async Task<string?> LineAsync()
        {
            var line = new List<byte>();
            var one = new byte[1];
            while (await stream.ReadAsync(one) == 1)
            {
                if (one[0] == '\n') return Encoding.UTF8.GetString([.. line]).TrimEnd('\r');
                line.Add(one[0]);
            }
            return null;
        }
    }

    async Task<Stream> SecuredAsync(Stream stream)
    {
        var secure = new SslStream(stream);
        await secure.AuthenticateAsServerAsync(_certificate!);
        return secure;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        // One that hangs is left alone.
        await Task.WhenAny(_serving, Task.Delay(100));
    }
}
