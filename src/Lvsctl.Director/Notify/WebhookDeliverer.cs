using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Director.Events;

namespace Lvsctl.Director.Notify;

/// <summary>
/// POSTs each event, as it stands in the journal. A receiver knows it again by its id, should the answer get lost. What it says of itself
/// leaves the URL out: its path may be the secret.
/// </summary>
sealed class WebhookDeliverer(NotifyTarget.Webhook spec, TimeProvider clock) : Deliverer
{
    const int MostSaid = 200;
    const int Kilobytes = 1024;

    /// <summary>After it, another look at the name's addresses.</summary>
    static readonly TimeSpan s_connectionLife = TimeSpan.FromMinutes(2);

    HttpClient? _client;
    DateTime _authoritiesRead;

    public override async Task<string?> DeliverAsync(IReadOnlyList<JournalEntry> events, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(spec.Timeout, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            using var request = await RequestAsync(events[0], end.Token).ConfigureAwait(false);
            using var response = await Client().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, end.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode) return null;
            throw await RefusedAsync(response, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new DeliveryException($"{spec.Url.Authority} did not answer within {Duration.Text(spec.Timeout)}", inner: e);
        }
        catch (HttpRequestException e)
        {
            throw new DeliveryException($"{spec.Url.Authority}: {PlainLine.Of(e.InnerException is AuthenticationException tls ? tls.Message : e.Message, MostSaid)}", inner: e);
        }
    }

    async Task<HttpRequestMessage> RequestAsync(JournalEntry entry, CancellationToken cancellation)
    {
        var line = new ArrayBufferWriter<byte>();
        entry.WriteTo(line);
        var body = line.WrittenSpan.ToArray();
        var request = new HttpRequestMessage(HttpMethod.Post, spec.Url) { Content = new ByteArrayContent(body) };
        Default("Content-Type", "application/json");
        Default("User-Agent", "lvsctl");
        // The time keeps ids apart where a journal was lost and began anew.
        request.Headers.TryAddWithoutValidation("X-Lvsctl-Event-Id", string.Create(CultureInfo.InvariantCulture, $"{entry.Id}-{entry.Time.ToUnixTimeMilliseconds()}"));
        if (spec.SecretFile is { } file)
        {
            var secret = Encoding.UTF8.GetBytes(await SecretFile.ReadAsync(file, cancellation).ConfigureAwait(false));
            request.Headers.TryAddWithoutValidation("X-Lvsctl-Signature", $"sha256={Convert.ToHexStringLower(HMACSHA256.HashData(secret, body))}");
        }
        foreach (var header in spec.Headers) Set(header.Name, header.Value);
        return request;

        void Default(string name, string value)
        {
            if (!spec.Headers.Any(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) Set(name, value);
        }

        // .NET keeps the body's headers apart from the others.
        void Set(string name, string value)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content.Headers.TryAddWithoutValidation(name, value);
        }
    }

    async Task<DeliveryException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var code = (int)response.StatusCode;
        // Too early, too often, or too slow: it may want the same a little later. Other 4xx, and being sent elsewhere, want a human.
        var isRefusal = code is >= 300 and < 500 && response.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425);
        var said = "";
        try
        {
            var content = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
            var buffer = new byte[Kilobytes];
            var count = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            said = PlainLine.Of(Encoding.UTF8.GetString(buffer, 0, count), MostSaid);
        }
        catch (IOException)
        {
            // The code says enough.
        }
        var text = $"{spec.Url.Authority} answered {code} {PlainLine.Of(response.ReasonPhrase ?? "", MostSaid)}".TrimEnd();
        return new DeliveryException(said.Length > 0 ? $"{text}: {said}" : text, isRefusal);
    }

    // Read again when the file changes; connections are kept otherwise.
    HttpClient Client()
    {
        var written = spec.CaFile is { } file ? File.GetLastWriteTimeUtc(file) : default;
        if (_client is { } known && written == _authoritiesRead) return known;
        var handler = new SocketsHttpHandler
        {
            // A POST that is sent elsewhere would arrive as a GET without its body.
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = s_connectionLife,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Trust.Policy(spec.CaFile) },
        };
        _client?.Dispose();
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _authoritiesRead = written;
        return _client;
    }

    public override void Dispose()
    {
        _client?.Dispose();
        base.Dispose();
    }
}
