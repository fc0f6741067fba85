using System.Net;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Tests.Ipvsadm;

/// <summary>The names of a small world, the same on every machine. Counts how often it is asked.</summary>
sealed class FixedNames : INames
{
    static readonly (string Name, ushort Port, string Protocols)[] Services =
    [
        ("http", 80, "tcp"), ("https", 443, "tcp"), ("domain", 53, "tcp udp"), ("tftp", 69, "udp"), ("http-alt", 8080, "tcp udp"), ("mdns", 5353, "udp"),
        ("sip", 5060, "tcp udp"), ("sip-tls", 5061, "tcp udp"), ("kerberos", 88, "tcp udp"), ("amqp", 5672, "tcp udp sctp"),
    ];

    static readonly (string Name, string Address)[] Hosts =
    [
        ("localhost", "127.0.0.1"), ("www", "10.5.0.2"), ("a-very-long-host-name-indeed-it-is.example.org", "10.5.0.1"),
        ("twenty-eight-chars.example", "10.5.0.3"), ("six.example.org", "2001:db8:5::1"),
    ];

    public int Questions { get; private set; }

    public IPAddress? HostAddress(string host)
    {
        Questions++;
        var found = Array.Find(Hosts, h => h.Name.Equals(host, StringComparison.OrdinalIgnoreCase) && !h.Address.Contains(':'));
        return found.Address is null ? null : IPAddress.Parse(found.Address);
    }

    public string? HostName(IPAddress address)
    {
        Questions++;
        return Array.Find(Hosts, h => IPAddress.Parse(h.Address).Equals(address)).Name;
    }

    public ushort? ServicePort(string service, string protocol)
    {
        var found = Array.Find(Services, s => s.Name == service && s.Protocols.Split(' ').Contains(protocol));
        return found.Name is null ? null : found.Port;
    }

    public string? ServiceName(ushort port, string protocol) =>
        Array.Find(Services, s => s.Port == port && s.Protocols.Split(' ').Contains(protocol)).Name;
}
