using System.Net;

namespace Lvsctl.Core.Model;

/// <summary>Address family, with the numbers of <c>AF_INET</c> and <c>AF_INET6</c> (linux/socket.h).</summary>
public enum IpFamily : ushort
{
    IPv4 = 2,
    IPv6 = 10,
}

public static class IpFamilies
{
    public static IpFamily Family(this IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? IpFamily.IPv6 : IpFamily.IPv4;

    /// <summary>0.0.0.0 or ::.</summary>
    public static IPAddress AnyAddress(this IpFamily family) => family == IpFamily.IPv6 ? IPAddress.IPv6Any : IPAddress.Any;

    /// <summary>4 or 16.</summary>
    public static int AddressLength(this IpFamily family) => family == IpFamily.IPv6 ? 16 : 4;
}
