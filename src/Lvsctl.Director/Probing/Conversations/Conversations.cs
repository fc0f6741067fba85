using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>What a conversation cannot know by itself.</summary>
/// <param name="HostName">The director's, for a server that wants to be greeted.</param>
/// <param name="Secret">The content of a password file without its last line end, or null if it cannot be read. Asked in each probe, so that a changed password is used.</param>
/// <param name="Seed">Makes the numbers that a forger of answers must guess; best a random one.</param>
public sealed record ConversationContext(string HostName, Func<string, byte[]?> Secret, uint Seed);

public static class Conversations
{
    /// <summary>The dialogue that the target's check wants; null where there is none: to connect is enough, or no port is spoken to.</summary>
    public static Conversation? Create(ProbeTarget target, ConversationContext context) => target.Check.Probe switch
    {
        ProbeSpec.Tcp tcp => tcp is { Send.Count: 0, Expect.Count: 0 } && target.Check.Weight is null ? null : new TcpConversation(tcp, target.Check.Weight),
        ProbeSpec.Udp udp => new UdpConversation(udp),
        ProbeSpec.Http http => new HttpConversation(http, target),
        ProbeSpec.Smtp smtp => new SmtpConversation(smtp, context.HostName),
        ProbeSpec.MySql mysql => new MySqlConversation(mysql, context.Secret),
        ProbeSpec.Postgres postgres => new PostgresConversation(postgres),
        ProbeSpec.Redis redis => new RedisConversation(redis, context.Secret),
        ProbeSpec.Dns dns => new DnsConversation(dns, context.Seed + (uint)target.Address.GetHashCode()),
        _ => null,
    };
}
