using System.Net;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Names;

/// <summary>Asks libc, and so whatever nsswitch.conf(5) says. Each question may cost a query to a name server.</summary>
public sealed class SystemNames : INames
{
    public IPAddress? HostAddress(string host) => NameCalls.HostAddress(host);

    public string? HostName(IPAddress address) => NameCalls.HostName(address);

    public ushort? ServicePort(string service, string protocol) => NameCalls.ServicePort(service, protocol);

    public string? ServiceName(ushort port, string protocol) => NameCalls.ServiceName(port, protocol);
}
