using System.Net;

namespace Lvsctl.Linux.Names;

/// <summary>The names of hosts and services: the system's (/etc/hosts, DNS, /etc/services), or a test's.</summary>
public interface INames
{
    /// <summary>The first IPv4 address of a host, or null.</summary>
    IPAddress? HostAddress(string host);

    string? HostName(IPAddress address);

    /// <param name="protocol"><c>tcp</c>, <c>udp</c> or <c>sctp</c>.</param>
    ushort? ServicePort(string service, string protocol);

    string? ServiceName(ushort port, string protocol);
}
