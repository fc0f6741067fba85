using System.Buffers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Lvsctl.Core.Health;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Probing;

/// <summary>A conversation over TLS, on the thread pool. Takes the connected socket over, and closes it.</summary>
/// <param name="begins">The conversation begins with it; otherwise it goes on after STARTTLS.</param>
#pragma warning disable CA1001 // A source without timer or wait handle holds nothing to dispose of, and Cancel may come late.
sealed class SecureDialogue(ProbeSocket socket, Conversation conversation, ProbeSecurity security, bool begins, ProbeEngine engine)
#pragma warning restore CA1001
{
    const int BufferSize = 16 * 1024;
    const int MostDetail = 200;

    static readonly TimeSpan s_farewell = TimeSpan.FromMilliseconds(100);

    readonly CancellationTokenSource _cancelled = new();
    readonly TimeSpan _queued = engine.Now;
    long _admitted = long.MaxValue;     // ticks; written once, by another thread
    TimeSpan _told;
    volatile bool _isOver;

    /// <summary>It uses neither the socket nor the conversation any more.</summary>
    public bool IsOver => _isOver;

    public void Cancel() => _cancelled.Cancel();

    /// <summary>What it waited for its turn, since last asked.</summary>
    public TimeSpan TakeDelay()
    {
        var waited = TimeSpan.FromTicks(Math.Min(engine.Now.Ticks, Volatile.Read(ref _admitted))) - _queued;
        var since = waited - _told;
        _told = waited;
        return since;
    }

    /// <param name="report">Called once, on whatever thread, unless it was cancelled.</param>
    public async Task RunAsync(Action<Finding, string?> report)
    {
        Finding finding;
        string? warning = null;
        var isAdmitted = false;
        try
        {
            // Off the engine's thread: reading files and the handshake's arithmetic would hold all the others up.
            await engine.Handshakes.WaitAsync(_cancelled.Token).ConfigureAwait(false);
            isAdmitted = true;
            Volatile.Write(ref _admitted, engine.Now.Ticks);
            try
            {
                (finding, warning) = await Task.Run(TalkAsync, CancellationToken.None).ConfigureAwait(false);
            }
            finally
            {
                engine.Handshakes.Release();
            }
        }
        catch (OperationCanceledException) when (_cancelled.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            finding = Explain(e);
        }
        finally
        {
            // Otherwise the stream has closed it.
            if (!isAdmitted) socket.Close();
            conversation.Forget();
            _isOver = true;
        }
        report(finding, warning);
    }

    async Task<(Finding, string?)> TalkAsync()
    {
        using var handle = new SafeSocketHandle(socket.Descriptor, ownsHandle: true);
        using var plain = new NetworkStream(new Socket(handle), ownsSocket: true);
        var stream = new SslStream(plain);
        await using (stream.ConfigureAwait(false))
        {
            await stream.AuthenticateAsClientAsync(security.Options(), _cancelled.Token).ConfigureAwait(false);
            var warning = security.Warning(stream.RemoteCertificate);
            return (await ConverseAsync(stream).ConfigureAwait(false), warning);
        }
    }

    async Task<Finding> ConverseAsync(SslStream stream)
    {
        var say = new ArrayBufferWriter<byte>();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var turn = begins ? conversation.Begin(say) : conversation.Secured(say);
            while (true)
            {
                if (say.WrittenCount > 0)
                {
                    await stream.WriteAsync(say.WrittenMemory, _cancelled.Token).ConfigureAwait(false);
                    say.ResetWrittenCount();
                }
                if (turn == Turn.Hang) break;
                if (turn == Turn.Secure) return new(ProbeReason.BadReply, "asked for TLS twice");
                var received = await stream.ReadAsync(buffer, _cancelled.Token).ConfigureAwait(false);
                turn = received == 0 ? conversation.End() : conversation.Receive(buffer.AsSpan(0, received), say);
            }
            await PartAsync(stream, buffer).ConfigureAwait(false);
            return conversation.Finding;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Says goodbye, and gives the server a moment to hang up first: who does keeps TIME_WAIT.
    async Task PartAsync(SslStream stream, byte[] buffer)
    {
        using var moment = CancellationTokenSource.CreateLinkedTokenSource(_cancelled.Token);
        moment.CancelAfter(s_farewell);
        try
        {
            await stream.ShutdownAsync().ConfigureAwait(false);
            if (!conversation.ServerHangsUp) return;
            for (var reads = 0; reads < 4 && await stream.ReadAsync(buffer, moment.Token).ConfigureAwait(false) > 0; reads++)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The verdict stands.
        }
    }

    static Finding Explain(Exception e) => e switch
    {
        // What is wrong with a certificate is said at once, and what OpenSSL said at the very end.
        AuthenticationException => new(ProbeReason.Tls, Short(e.Message.Contains("certificate", StringComparison.Ordinal) ? e.Message : e.GetBaseException().Message)),
        IOException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } } => new(ProbeReason.Reset, "connection reset"),
        // What our own files are like is no fault of the server's.
        CryptographicException => new(ProbeReason.NotPossible, Short($"certificate files of the check: {e.Message}")),
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => new(ProbeReason.NotPossible, Short(e.Message)),
        IOException => new(ProbeReason.Tls, Short(e.Message)),
        TypeInitializationException or DllNotFoundException => new(ProbeReason.NotPossible, "TLS needs OpenSSL's library on the director (Debian: libssl3)"),
        _ => new(ProbeReason.Broken, Short($"{e.GetType().Name}: {e.Message}")),
    };

    static string Short(string text)
    {
        text = text.ReplaceLineEndings(" ");
        return text.Length <= MostDetail ? text : string.Concat(text.AsSpan(0, MostDetail - 1), "…");
    }
}
