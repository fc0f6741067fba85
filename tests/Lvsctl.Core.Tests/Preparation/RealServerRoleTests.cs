using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Core.Preparation;

namespace Lvsctl.Core.Tests.Preparation;

public class RealServerRoleTests
{
    [Theory]
    [InlineData("192.168.1.200", ForwardingMethod.DirectRouting, "lo", null, 32)]
    [InlineData("192.168.1.200", ForwardingMethod.Tunnel, "tunl0", "ipip", 32)]
    [InlineData("2001:db8::1", ForwardingMethod.DirectRouting, "lo", null, 128)]
    [InlineData("2001:db8::1", ForwardingMethod.Tunnel, "ip6tnl0", "ip6tnl", 128)]
    public void The_address_goes_on_the_device_its_packets_arrive_at(string vip, ForwardingMethod forward, string device, string? kind, int prefix)
    {
        var role = new RealServerRole(IPAddress.Parse(vip), forward);
        Assert.Equal((device, kind, prefix), (role.Device, role.TunnelKind, role.PrefixLength));
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.1.1")]
    [InlineData("223.255.255.255")]
    [InlineData("2001:db8::1")]
    [InlineData("fd00::1")]
    public void Unicast_addresses_can_be_virtual(string text)
    {
        Assert.Equal(IPAddress.Parse(text), RealServerRole.ParseVip(text, out var problem));
        Assert.Null(problem);
    }

    [Theory]
    [InlineData("", "no IP address")]
    [InlineData("1", "no IP address")]
    [InlineData("10.0.0.256", "no IP address")]
    [InlineData("010.0.0.1", "no IP address")]
    [InlineData("www.example.org", "no IP address")]
    [InlineData("10.0.0.1/24", "no IP address")]
    [InlineData("0.0.0.0", "this network")]
    [InlineData("127.1.2.3", "loopback")]
    [InlineData("224.0.0.18", "multicast")]
    [InlineData("255.255.255.255", "reserved")]
    [InlineData("::", "unspecified")]
    [InlineData("::1", "loopback")]
    [InlineData("ff02::1", "multicast")]
    [InlineData("fe80::1", "link-local")]
    [InlineData("::ffff:10.0.0.1", "IPv4 address itself")]
    public void Other_addresses_are_refused_with_the_reason(string text, string reason)
    {
        Assert.Null(RealServerRole.ParseVip(text, out var problem));
        Assert.Contains(reason, problem);
    }
}
