using System.Net.Security;
using System.Text;
using Lvsctl.Core.Cluster;

namespace Lvsctl.Director.Notify;

// Up to where mail may be handed over: greeting, TLS, login.
sealed partial class EmailDeliverer
{
    // A password goes only to whom its certificate says it is.
    bool IsVerified => spec.Security != MailSecurity.Opportunistic || spec.User is not null || spec.CaFile is not null;

    async Task OpenAsync(SmtpDialogue dialogue, CancellationToken cancellation)
    {
        if (spec.Security == MailSecurity.Tls) await dialogue.SecureAsync(Options(), cancellation).ConfigureAwait(false);
        Demand(await dialogue.HearAsync(cancellation).ConfigureAwait(false), "it does not want to talk");
        var can = await GreetAsync(dialogue, cancellation).ConfigureAwait(false);
        if (spec.Security is MailSecurity.Opportunistic or MailSecurity.StartTls)
        {
            var offers = can.Any(c => c.Equals("STARTTLS", StringComparison.OrdinalIgnoreCase));
            if (offers && (await dialogue.AskAsync("STARTTLS", cancellation).ConfigureAwait(false)).IsGood)
            {
                await dialogue.SecureAsync(Options(), cancellation).ConfigureAwait(false);
                // What it said before could be somebody else's.
                can = await GreetAsync(dialogue, cancellation).ConfigureAwait(false);
            }
            else if (spec.Security == MailSecurity.StartTls)
            {
                throw new DeliveryException("it offers no STARTTLS, and the manifest wants it (tls: starttls)", isRefusal: true);
            }
        }
        if (spec.User is not null) await LogInAsync(dialogue, can, cancellation).ConfigureAwait(false);
    }

    static async Task<IReadOnlyList<string>> GreetAsync(SmtpDialogue dialogue, CancellationToken cancellation)
    {
        var reply = await dialogue.AskAsync($"EHLO {Environment.MachineName}", cancellation).ConfigureAwait(false);
        if (reply.IsGood) return reply.Lines;
        Demand(await dialogue.AskAsync($"HELO {Environment.MachineName}", cancellation).ConfigureAwait(false), "it does not take our greeting");
        return [];
    }

    // RFC 4954, RFC 4616; LOGIN was never written down, and much is left that knows nothing else.
    async Task LogInAsync(SmtpDialogue dialogue, IReadOnlyList<string> can, CancellationToken cancellation)
    {
        if (!dialogue.IsSecure && spec.Security != MailSecurity.None) throw new DeliveryException("it offers no TLS, and without it the password is not said (tls: none would)", isRefusal: true);
        var ways = can.FirstOrDefault(c => c.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase))?.ToUpperInvariant().Split(' ') ?? [];
        var password = await SecretFile.ReadAsync(spec.PasswordFile!, cancellation).ConfigureAwait(false);
        var refusal = $"it does not let {spec.User} in";
        if (ways.Contains("PLAIN"))
        {
            Demand(await dialogue.AskAsync($"AUTH PLAIN {Base64($"\0{spec.User}\0{password}")}", cancellation, "AUTH PLAIN").ConfigureAwait(false), refusal);
        }
        else if (ways.Contains("LOGIN"))
        {
            Demand(await dialogue.AskAsync("AUTH LOGIN", cancellation).ConfigureAwait(false), refusal);
            Demand(await dialogue.AskAsync(Base64(spec.User!), cancellation, "AUTH LOGIN").ConfigureAwait(false), refusal);
            Demand(await dialogue.AskAsync(Base64(password), cancellation, "AUTH LOGIN").ConfigureAwait(false), refusal);
        }
        else
        {
            throw new DeliveryException("it offers neither AUTH PLAIN nor AUTH LOGIN", isRefusal: true);
        }
    }

    static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions { TargetHost = spec.Server.Host, CertificateChainPolicy = Trust.Policy(spec.CaFile) };
        // Opportunistic is as between mail servers: better heard by whoever it is than by everybody.
        options.RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None || !IsVerified;
        return options;
    }
}
