using System.Net;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Director.Tests.Vrrp;

public sealed class AddressListTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-vrrp-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_is_written_is_read_by_the_next_process()
    {
        var path = Path.Combine(_directory, "deeper", "vrrp-addresses");
        OwnAddress[] addresses = [new("eth0", IPAddress.Parse("10.0.0.100"), 24), new("eth0.100", IPAddress.Parse("fe80::1"), 64)];

        new AddressList(path, "today").Write(addresses);

        Assert.Equal(addresses, new AddressList(path, "today").Read());
        Assert.Equal("boot today\n10.0.0.100/24 eth0\nfe80::1/64 eth0.100\n", File.ReadAllText(path));
    }

    [Fact]
    public void What_was_written_before_the_host_was_started_is_nobodys()
    {
        var path = Path.Combine(_directory, "list");
        new AddressList(path, "yesterday").Write([new("eth0", IPAddress.Parse("10.0.0.100"), 24)]);

        Assert.Empty(new AddressList(path, "today").Read());
        // Of a version that did not say.
        File.WriteAllText(path, "10.0.0.100/24 eth0\n");
        Assert.Single(new AddressList(path, "today").Read());
    }

    [Fact]
    public void There_is_none_at_first() => Assert.Empty(new AddressList(Path.Combine(_directory, "none"), "today").Read());

    [Fact]
    public void Lines_that_are_none_harm_nobody()
    {
        var path = Path.Combine(_directory, "list");
        File.WriteAllText(path, "\0\0\n10.0.0.1\n/24 eth0\n10.0.0.1/x eth0\n10.0.0.2/24 eth0");

        Assert.Equal([new("eth0", IPAddress.Parse("10.0.0.2"), 24)], new AddressList(path, "today").Read());
    }
}
