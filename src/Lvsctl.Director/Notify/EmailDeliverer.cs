using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Director.Events;

namespace Lvsctl.Director.Notify;

/// <summary>
/// Sends mails: what happens together goes into one. A receiver that the server refuses for good loses the others nothing, and is told of; one
/// that it refuses for now is tried again alone.
/// </summary>
/// <param name="cluster">Its name.</param>
sealed partial class EmailDeliverer(NotifyTarget.Email spec, Func<string> cluster, TimeProvider clock) : Deliverer
{
    const int MostDetail = 200;

    // Who has this mail already, or never will; the others are tried again.
    readonly HashSet<string> _settled = [];
    readonly List<string> _refused = [];
    (long First, long Last) _mail;

    public override int MostAtOnce => 200;

    public override TimeSpan Gathers => TimeSpan.FromSeconds(2);

    public override async Task<string?> DeliverAsync(IReadOnlyList<JournalEntry> events, CancellationToken cancellation)
    {
        if ((events[0].Id, events[^1].Id) is var mail && mail != _mail)
        {
            _mail = mail;
            _settled.Clear();
            _refused.Clear();
        }
        using var late = new CancellationTokenSource(spec.Timeout, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        SmtpDialogue? dialogue = null;
        try
        {
            dialogue = await ConnectAsync(end.Token).ConfigureAwait(false);
            await OpenAsync(dialogue, end.Token).ConfigureAwait(false);
            return await PostAsync(dialogue, events, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new DeliveryException($"{spec.Server} is too slow: {Duration.Text(spec.Timeout)} were over before {dialogue?.Stage ?? "it took the connection"}", inner: e);
        }
        catch (DeliveryException e)
        {
            throw new DeliveryException($"{spec.Server}: {e.Message}", e.IsRefusal, e);
        }
        catch (AuthenticationException e)
        {
            // What is wrong with a certificate is said at once, and what OpenSSL said at the very end.
            throw new DeliveryException($"{spec.Server}: TLS: {PlainLine.Of(e.Message.Contains("certificate", StringComparison.Ordinal) ? e.Message : e.GetBaseException().Message, MostDetail)}", inner: e);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            throw new DeliveryException($"{spec.Server}: {PlainLine.Of(e.Message, MostDetail)}", inner: e);
        }
        finally
        {
            if (dialogue is not null) await dialogue.DisposeAsync().ConfigureAwait(false);
        }
    }

    async Task<SmtpDialogue> ConnectAsync(CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(spec.Server.Host, spec.Server.Port), cancellation).ConfigureAwait(false);
            return new SmtpDialogue(new NetworkStream(socket, ownsSocket: true));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    async Task<string?> PostAsync(SmtpDialogue dialogue, IReadOnlyList<JournalEntry> events, CancellationToken cancellation)
    {
        Demand(await dialogue.AskAsync($"MAIL FROM:<{spec.From}>", cancellation).ConfigureAwait(false), $"it refuses the sender {spec.From}");
        var (taken, later, never) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var receiver in spec.To.ToList())
        {
            if (_settled.Contains(receiver)) continue;
            var reply = await dialogue.AskAsync($"RCPT TO:<{receiver}>", cancellation).ConfigureAwait(false);
            if (reply.IsGood) taken.Add(receiver);
            else (reply.IsPermanent ? never : later).Add($"{receiver} ({reply})");
        }
        if (taken.Count == 0 && _settled.Count == 0) throw new DeliveryException($"it refuses {string.Join(", ", later.Concat(never))}", isRefusal: later.Count == 0);
        if (taken.Count > 0)
        {
            Demand(await dialogue.AskAsync("DATA", cancellation).ConfigureAwait(false), "it takes no mail");
            Demand(await dialogue.SendAsync(MailText.Of(spec, cluster(), events, clock.GetUtcNow()), cancellation).ConfigureAwait(false), "it does not take the mail");
            _settled.UnionWith(taken);
        }
        // What is refused for good is over with, once the mail got through to somebody.
        foreach (var refused in never)
        {
            _settled.Add(refused[..refused.IndexOf(' ', StringComparison.Ordinal)]);
            _refused.Add(refused);
        }
        await PartAsync(dialogue, cancellation).ConfigureAwait(false);
        if (later.Count > 0) throw new DeliveryException($"it does not take the mail yet for {string.Join(", ", later)}");
        return _refused.Count > 0 ? $"{spec.Server} refuses {string.Join(", ", _refused)}; the others got the mail" : null;
    }

    // The mail is gone: nothing may spoil that.
    static async Task PartAsync(SmtpDialogue dialogue, CancellationToken cancellation)
    {
        try
        {
            await dialogue.PartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It hung up first.
        }
    }

    static void Demand(SmtpReply reply, string what)
    {
        if (!reply.IsGood) throw new DeliveryException($"{what}: {reply}", reply.IsPermanent);
    }
}
