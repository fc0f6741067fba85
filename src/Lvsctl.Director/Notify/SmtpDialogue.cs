using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Text;

namespace Lvsctl.Director.Notify;

/// <summary>Commands and replies of SMTP, RFC 5321.</summary>
/// <param name="connection">It is disposed of with the dialogue.</param>
sealed class SmtpDialogue(Stream connection) : IAsyncDisposable
{
    const int LongestReply = 64 * 1024;

    readonly byte[] _buffer = new byte[4096];
    Stream _stream = connection;
    int _start;
    int _end;

    /// <summary>What is being waited for, for people.</summary>
    public string Stage { get; private set; } = "its greeting";

    public bool IsSecure => _stream is SslStream;

    /// <param name="name">What people may see of the command; a password is not for them.</param>
    /// <exception cref="DeliveryException">It is no SMTP, or the server hangs up.</exception>
    public async Task<SmtpReply> AskAsync(string command, CancellationToken cancellation, string? name = null)
    {
        Stage = $"the answer to {name ?? command}";
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), cancellation).ConfigureAwait(false);
        return await HearAsync(cancellation).ConfigureAwait(false);
    }

    /// <exception cref="AuthenticationException">The other side cannot do it, or is somebody else.</exception>
    public async Task SecureAsync(SslClientAuthenticationOptions options, CancellationToken cancellation)
    {
        // Somebody on the way may have put it there, to be heard as if it came through TLS.
        if (_start < _end) throw new DeliveryException("it said something between STARTTLS and TLS, which is not to be trusted");
        Stage = "a TLS handshake";
        var secure = new SslStream(_stream);
        _stream = secure;
        await secure.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
        Stage = "its greeting";
    }

    /// <summary>A message with its last line, RFC 5321 section 4.5.2.</summary>
    public async Task<SmtpReply> SendAsync(string message, CancellationToken cancellation)
    {
        Stage = "the mail to be taken";
        var stuffed = message.Replace("\r\n.", "\r\n..", StringComparison.Ordinal);
        if (stuffed.StartsWith('.')) stuffed = "." + stuffed;
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(stuffed + (stuffed.EndsWith("\r\n", StringComparison.Ordinal) ? ".\r\n" : "\r\n.\r\n")), cancellation).ConfigureAwait(false);
        return await HearAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits for nothing any more.</summary>
    public async Task PartAsync(CancellationToken cancellation) => await _stream.WriteAsync("QUIT\r\n"u8.ToArray(), cancellation).ConfigureAwait(false);

    public async Task<SmtpReply> HearAsync(CancellationToken cancellation)
    {
        var lines = new List<string>();
        var total = 0;
        while (true)
        {
            var line = await LineAsync(cancellation).ConfigureAwait(false);
            total += line.Length;
            var isLast = line.Length == 3 || line.Length > 3 && line[3] == ' ';
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code < 200 || !isLast && line[3] != '-' || total > LongestReply)
                throw new DeliveryException($"it does not speak SMTP: it said '{PlainLine.Of(line, 80)}' instead of {Stage}");
            lines.Add(line.Length > 4 ? line[4..] : "");
            if (isLast) return new(code, lines);
        }
    }

    async Task<string> LineAsync(CancellationToken cancellation)
    {
        var line = new StringBuilder();
        while (true)
        {
            var end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var count = end < 0 ? _end - _start : end;
            line.Append(Encoding.Latin1.GetString(_buffer, _start, count));
            if (end >= 0)
            {
                _start += count + 1;
                return line.ToString().TrimEnd('\r');
            }
            if (line.Length > LongestReply) return line.ToString();
            (_start, _end) = (0, await _stream.ReadAsync(_buffer, cancellation).ConfigureAwait(false));
            if (_end == 0) throw new DeliveryException($"it hung up instead of {Stage}");
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
