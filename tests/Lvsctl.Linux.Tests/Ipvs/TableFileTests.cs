using System.Net;
using System.Text;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Linux.Tests.Ipvs;

public class TableFileTests
{
    const string Titles = "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n";

    const string Table = Titles + """
        UDP  0A090909:0036 rr ops  
          -> 0A010102:14E9      Masq    1      0          1         
        TCP  [2001:0db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:FDE8 rr persistent 720000 40000000
          -> [2001:0db8:aaaa:bbbb:cccc:dddd:eeee:0001]:FDE8      Tunnel  100000 3          0         
          -> 0A010109:FDE8      Tunnel  1      0          0         
        FWM  00003039 lc 
          -> 0A010102:0000      Route   1      0          0         
        TCP  0A090909:0050 rr  
          -> 0A010202:1F90      Route   0      11         4294967295
          -> 0A010102:1F90      Local   3      0          10        
        SCTP C0A864C8:0000 sh  

        """;

    [Fact]
    public void Every_service_has_its_servers_in_the_order_of_the_file()
    {
        var table = Read(Table)!;

        Assert.Equal([Row("10.1.1.2", 5353, ForwardingMethod.Nat, 1, 0, 1)], Servers(table, TransportProtocol.Udp, "10.9.9.9", 54)!);
        Assert.Equal(
            [Row("2001:db8:aaaa:bbbb:cccc:dddd:eeee:1", 65000, ForwardingMethod.Tunnel, 100000, 3, 0), Row("10.1.1.9", 65000, ForwardingMethod.Tunnel, 1, 0, 0)],
            Servers(table, TransportProtocol.Tcp, "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 65000)!);
        Assert.Equal(
            [Row("10.1.2.2", 8080, ForwardingMethod.DirectRouting, 0, 11, uint.MaxValue), Row("10.1.1.2", 8080, ForwardingMethod.Local, 3, 0, 10)],
            Servers(table, TransportProtocol.Tcp, "10.9.9.9", 80)!);
        Assert.Empty(Servers(table, TransportProtocol.Sctp, "192.168.100.200", 0)!);
    }

    [Fact]
    public void Of_a_firewall_mark_it_tells_nothing_because_the_family_is_not_in_the_file() =>
        Assert.False(Read(Table)!.TryGetServers(ServiceKey.Marked(12345), out _));

    [Fact]
    public void A_service_that_came_later_is_not_known() => Assert.Null(Servers(Read(Table)!, TransportProtocol.Tcp, "10.9.9.9", 443));

    [Fact]
    public void An_empty_table_is_no_fault() => Assert.NotNull(Read(Titles));

    [Theory]
    [InlineData("TCP  0A090909 rr\n")]
    [InlineData("TCP  0A0909:0050 rr\n")]
    [InlineData("ICMP 0A090909:0050 rr\n")]
    [InlineData("TCP  0A090909:0050 rr\n  -> 0A010202:1F90 Masq x 0 0\n")]
    [InlineData("TCP  0A090909:0050 rr\n  -> 0A010202:1F90 Magic 1 0 0\n")]
    [InlineData("TCP  0A090909:0050 rr")]
    public void A_form_that_is_not_known_is_not_guessed_at(string lines) => Assert.Null(Read(Titles + lines));

    [Fact]
    public void The_file_may_come_in_pieces_of_any_size()
    {
        foreach (var size in new[] { 1, 7, 64, 4096 })
            Assert.Equal(2, Servers(TableFile.Read(new Dripping(Encoding.ASCII.GetBytes(Table), size))!, TransportProtocol.Tcp, "10.9.9.9", 80)!.Count);
    }

    static TableFile? Read(string text) => TableFile.Read(new MemoryStream(Encoding.ASCII.GetBytes(text)));

    static List<ServerRow>? Servers(TableFile table, TransportProtocol protocol, string address, ushort port) =>
        table.TryGetServers(ServiceKey.At(protocol, IPAddress.Parse(address), port), out var rows) ? [.. rows] : null;

    static ServerRow Row(string address, ushort port, ForwardingMethod forward, int weight, uint active, uint inactive) =>
        new(new RealServerKey(IPAddress.Parse(address), port), forward, weight, active, inactive);

    sealed class Dripping(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, size));
    }
}
