using System.Net;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Director.Tests.Vrrp;

/// <summary>Which director of the manifest this host is, and what it has to do.</summary>
public sealed class OwnPartTests
{
    static readonly VrrpRouterSpec s_edge = new("edge", "eth0", 51)
    {
        Priorities = [new("lb-a", 200), new("lb-b", 100)],
        Addresses = [new(IPAddress.Parse("10.0.0.100"), 24)],
        Excluded = [new(IPAddress.Parse("10.0.1.100"), 24, "eth1")],
        Unicast = new([]),
        Authentication = new(VrrpAuthenticationKind.Pass, "/secret"),
        Version = 2,
    };

    static readonly ClusterSpec s_cluster = new()
    {
        Directors = [new("lb-a", IPAddress.Parse("10.0.0.1")), new("lb-b", IPAddress.Parse("10.0.0.2")) { Host = "web2.example" }, new("lb-c", IPAddress.Parse("10.0.0.3"))],
        VrrpRouters = [s_edge],
    };

    static OwnPart Of(ClusterSpec cluster, string? node, string host) => OwnPart.Of(cluster, node, host, path => Encoding.ASCII.GetBytes($"content of {path}"));

    [Theory]
    [InlineData(null, "lb-a", "lb-a", 200)]
    [InlineData(null, "lb-a.example", "lb-a", 200)]
    [InlineData(null, "web2.example", "lb-b", 100)]
    [InlineData(null, "web2", "lb-b", 100)]
    [InlineData("lb-b", "anything", "lb-b", 100)]
    public void A_host_finds_itself(string? node, string host, string who, byte priority)
    {
        var part = Of(s_cluster, node, host);

        Assert.Equal((who, priority), (part.Who, Assert.Single(part.Routers).Priority));
    }

    [Fact]
    public void A_router_gets_its_peers_its_password_and_its_addresses()
    {
        var router = Assert.Single(Of(s_cluster, "lb-a", "x").Routers);

        Assert.Equal(["10.0.0.2", "10.0.0.3"], router.Peers.Select(p => p.ToString()));
        Assert.Equal("content of /secret", Encoding.ASCII.GetString(router.Password));
        Assert.Equal(["10.0.0.100", "10.0.1.100"], router.Addresses.Select(a => a.Address.ToString()));
        Assert.Equal("10.0.0.1", router.OwnAddress?.ToString());
    }

    [Fact]
    public void Peers_that_are_named_are_those_without_itself()
    {
        var cluster = s_cluster with { VrrpRouters = [s_edge with { Unicast = new([IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.9.9.9")]) }] };

        Assert.Equal(["10.9.9.9"], Assert.Single(Of(cluster, "lb-a", "x").Routers).Peers.Select(p => p.ToString()));
    }

    [Fact]
    public void Without_directors_every_host_takes_part()
    {
        var part = Of(s_cluster with { Directors = [], VrrpRouters = [s_edge with { Priorities = [], Priority = 77 }] }, null, "somebody");

        Assert.Equal(("somebody", (byte)77), (part.Who, Assert.Single(part.Routers).Priority));
    }

    [Theory]
    [InlineData(null, "unknown", "this host is called unknown, and the manifest's directors are on lb-a, web2.example, lb-c: say which one it is with --node, or in the manifest with directors.NAME.host")]
    [InlineData("lb-x", "lb-a", "the manifest has no director 'lb-x'; it has lb-a, lb-b, lb-c")]
    [InlineData("lb-c", "lb-a", "no virtual router of the manifest names lb-c among its priorities: there is nothing to do here")]
    public void Who_has_nothing_to_do_is_told_why(string? node, string host, string message) =>
        Assert.Equal(message, Assert.Throws<VrrpException>(() => Of(s_cluster, node, host)).Message);

    [Fact]
    public void A_manifest_without_routers_is_told() =>
        Assert.Contains("no virtual routers", Assert.Throws<VrrpException>(() => Of(new ClusterSpec(), null, "x")).Message);

    [Fact]
    public void A_password_file_loses_its_line_end_and_nothing_else()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, " se cret \n");
            Assert.Equal(" se cret ", Encoding.UTF8.GetString(OwnPart.ReadPassword(file)));
            File.WriteAllText(file, "\n");
            Assert.Equal($"the VRRP password file {file} is empty", Assert.Throws<VrrpException>(() => OwnPart.ReadPassword(file)).Message);
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Contains(file, Assert.Throws<VrrpException>(() => OwnPart.ReadPassword(file)).Message);
    }
}
