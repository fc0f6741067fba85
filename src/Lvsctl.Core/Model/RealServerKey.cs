using System.Net;

namespace Lvsctl.Core.Model;

/// <summary>Identity of a real server within its virtual service.</summary>
/// <param name="Address">May be of another family than the service's in tunnel mode only.</param>
/// <param name="Port">0 follows the port of the packet (persistent all-port and firewall-mark services).</param>
public readonly record struct RealServerKey(IPAddress Address, ushort Port)
{
    /// <summary><c>10.1.0.1:80</c> or <c>[2001:db8::1]:80</c>.</summary>
    public override string ToString() => new IPEndPoint(Address, Port).ToString();
}
