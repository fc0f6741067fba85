using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Lvsctl.Director.Control;

/// <summary>Asks a running director at its control socket.</summary>
public sealed class ControlClient : IDisposable
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    readonly string _path;
    readonly HttpClient _http;
    Socket? _first;

    ControlClient(string path, Socket first)
    {
        (_path, _first) = (path, first);
        var handler = new SocketsHttpHandler { ConnectCallback = (_, cancellation) => ConnectAsync(cancellation), UseProxy = false, AllowAutoRedirect = false };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://lvsctl"), Timeout = s_patience };
    }

    /// <summary>Null when nobody listens there.</summary>
    /// <exception cref="ControlException">Somebody does, and may not be asked.</exception>
    public static ControlClient? TryConnect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return new ControlClient(path, socket);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            return e.SocketErrorCode == SocketError.AccessDenied ? throw new ControlException($"no permission for the director's control socket {path}: be root, or in the group that the manifest's 'control' names", exitCode: 7, e) : null;
        }
        catch (ArgumentException)
        {
            // Longer than a socket's path may be: nobody can listen there.
            socket.Dispose();
            return null;
        }
    }

    async ValueTask<Stream> ConnectAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _first, null) is { } first) return new NetworkStream(first, ownsSocket: true);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <exception cref="ControlException">The director refused, or has gone.</exception>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> form, CancellationToken cancellation)
        where T : class => SendAsync(new HttpRequestMessage(HttpMethod.Get, path), form, cancellation);

    /// <exception cref="ControlException">The director refused, or has gone.</exception>
    public Task<T> PostAsync<T>(string path, JsonTypeInfo<T> form, CancellationToken cancellation)
        where T : class => SendAsync(new HttpRequestMessage(HttpMethod.Post, path), form, cancellation);

    /// <exception cref="ControlException">The director refused, or has gone.</exception>
    public Task<TReply> PostAsync<TRequest, TReply>(string path, TRequest request, JsonTypeInfo<TRequest> requestForm, JsonTypeInfo<TReply> form, CancellationToken cancellation)
        where TReply : class
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, requestForm));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content }, form, cancellation);
    }

    async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> form, CancellationToken cancellation)
        where T : class
    {
        try
        {
            using (request)
            using (var response = await _http.SendAsync(request, cancellation).ConfigureAwait(false))
            {
                var body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
                if (!response.IsSuccessStatusCode) throw Refusal(response.StatusCode, body);
                return JsonSerializer.Deserialize(body, form) ?? throw new JsonException("an empty answer");
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw Gone(e);
        }
    }

    /// <summary>Lines of an answer that may have no end, as they come.</summary>
    /// <exception cref="ControlException">The director refused, or went away in the middle.</exception>
    public async IAsyncEnumerable<string> StreamLinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await Try(() => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation), cancellation).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw Refusal(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        while (await Try(() => reader.ReadLineAsync(cancellation).AsTask(), cancellation).ConfigureAwait(false) is { } line) yield return line;
    }

    async Task<T> Try<T>(Func<Task<T>> what, CancellationToken cancellation)
    {
        try
        {
            return await what().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw Gone(e);
        }
    }

    static ControlException Refusal(HttpStatusCode status, byte[] body)
    {
        try
        {
            if (JsonSerializer.Deserialize(body, ControlJson.Default.ErrorDocument) is { } error) return new ControlException(error.Error, error.ExitCode ?? 1);
        }
        catch (JsonException)
        {
            // Not one of ours.
        }
        return new ControlException($"the director answered with HTTP status {(int)status}");
    }

    ControlException Gone(Exception e) => new($"the director at {_path} did not answer: {e.Message}", cause: e);

    public void Dispose()
    {
        _first?.Dispose();
        _http.Dispose();
    }
}
