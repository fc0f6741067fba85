using System.Net;
using System.Runtime.InteropServices;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;
using Lvsctl.Director.Probing.Conversations;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Processes;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Probing;

/// <summary>Makes the probe that asks a target.</summary>
sealed class ProbeFactory(ProbeEngine engine, ProbeSettings settings, TimeProvider clock) : IDisposable
{
    static readonly Lazy<bool> s_hasOpenSsl = new(static () => new[] { "libssl.so.3", "libssl.so.1.1", "libssl.so" }.Any(static name => NativeLibrary.TryLoad(name, out _)));

    readonly Lazy<ProgramSpawner> _spawner = new(() => new ProgramSpawner());

    readonly Lazy<IReadOnlyList<LinkAddress>> _addresses = new(WayBack.Addresses);

    readonly ConversationContext _context = new(settings.HostName, ReadSecret, (uint)Random.Shared.Next());

    public ProbeSettings Settings { get; set; } = settings;

    public Probe Create(int number, ProbeTarget target)
    {
        // .NET would end the whole process where it cannot load it.
        if (NeedsOpenSsl(target.Check.Probe) && !s_hasOpenSsl.Value)
            return new ImpossibleProbe(engine, number, target, "it needs OpenSSL's library on the director (Debian: libssl3)");
        var to = new KernelEndpoint(target.Address, target.Port);
        return target.Check.Probe switch
        {
            ProbeSpec.Exec exec => new ExecProbe(engine, number, target, exec, exec.User ?? Settings.ProbeUser, _spawner.Value),
            ProbeSpec.File file => new FileProbe(engine, number, target, file),
            ProbeSpec.Icmp icmp when Exit(target) is { } exit => new DatagramProbe(engine, number, target, to, exit, new EchoConversation(to.IsIPv6, icmp.Size)),
            ProbeSpec.Udp or ProbeSpec.Dns { OverTcp: false } when Exit(target) is { } exit =>
                new DatagramProbe(engine, number, target, to, exit, Converse(target)!) { WayBack = WayBack.Of(target) },
            _ when Exit(target) is { } exit => new StreamProbe(engine, number, target, to, exit, Converse(target), Secure(target)) { WayBack = WayBack.Of(target) },
            _ => new ImpossibleProbe(engine, number, target, $"there is no way prepared through the virtual service to {target.Path!.Server.Key}"),
        };
    }

    static bool NeedsOpenSsl(ProbeSpec probe) =>
        probe is ProbeSpec.Http { Tls: not null } or ProbeSpec.Http { Body.Sha256: not null } or ProbeSpec.Smtp { StartTls: not null } or ProbeSpec.MySql { PasswordFile: not null };

    Conversation? Converse(ProbeTarget target) => Conversations.Conversations.Create(target, _context);

    static byte[]? ReadSecret(string path)
    {
        try
        {
            var text = File.ReadAllBytes(path).AsSpan();
            if (text.EndsWith("\n"u8)) text = text[..^1];
            return (text.EndsWith("\r"u8) ? text[..^1] : text).ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    ProbeExit? Exit(ProbeTarget target)
    {
        var source = target.Check.Source;
        var mark = 0u;
        var address = source?.Address;
        if (target.Path is { } path)
        {
            if (!Settings.Marks.TryGetValue(path, out mark)) return null;
            // To a virtual address that the director holds, the kernel would take that very address for the source, and the server would
            // answer itself.
            address ??= WayBack.SourceOf(path, source?.Interface, () => _addresses.Value);
        }
        if (mark == 0 && source is null) return ProbeExit.Default;
        return new ProbeExit(address is null ? default : new KernelEndpoint(address, 0), source?.Interface, mark);
    }

    ProbeSecurity? Secure(ProbeTarget target)
    {
        var security = Security(target);
        if (security is not null) SecureStart.Ensure();
        return security;
    }

    ProbeSecurity? Security(ProbeTarget target) => target.Check.Probe switch
    {
        ProbeSpec.Http { Tls: { } tls } http => new ProbeSecurity(tls, tls.ServerName ?? http.Host ?? target.Address.ToString(), atOnce: true, clock),
        ProbeSpec.Smtp { StartTls: { } tls } => new ProbeSecurity(tls, tls.ServerName ?? target.Address.ToString(), atOnce: false, clock),
        _ => null,
    };

    public void Dispose()
    {
        if (_spawner.IsValueCreated) _spawner.Value.Dispose();
    }
}

/// <summary>A target that cannot be asked, and why.</summary>
sealed class ImpossibleProbe(ProbeEngine engine, int number, ProbeTarget target, string why) : Probe(engine, number, target)
{
    public override ProbeOutcome? Start() => Outcome(ProbeReason.NotPossible, why);

    protected override void Release()
    {
    }
}
