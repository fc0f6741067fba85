using System.Net;
using System.Text;
using Lvsctl.Cli.Ipvsadm;
using Lvsctl.Cli.Ipvsadm.Listing;
using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Tests.Ipvsadm;

public class ValueTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("65535", 65535)]
    [InlineData(" \t7", 7)]
    [InlineData("+7", 7)]
    [InlineData("-7", -7)]
    [InlineData("007", 7)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void A_number_is_what_strtol_reads(string text, long expected)
    {
        Assert.True(DecimalNumber.TryParse(text, long.MinValue, long.MaxValue, out var number));
        Assert.Equal(expected, number);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("+")]
    [InlineData("7 ")]
    [InlineData("0x7")]
    [InlineData("- 7")]
    [InlineData("99999999999999999999999999")]
    [InlineData("18446744073709551617")]
    [InlineData("-99999999999999999999999999")]
    public void What_is_not_wholly_a_number_or_out_of_range_is_none(string text) =>
        Assert.False(DecimalNumber.TryParse(text, int.MinValue, int.MaxValue, out _));

    [Theory]
    [InlineData("64x", 64)]
    [InlineData("x", 0)]
    [InlineData("", 0)]
    [InlineData("4294967360", 64)]
    [InlineData("99999999999999999999", -1)]
    public void Atoi_takes_what_it_can(string text, int expected) => Assert.Equal(expected, DecimalNumber.Atoi(text));

    [Theory]
    [InlineData("10.0.0.1:80", "10.0.0.1", 80)]
    [InlineData("10.0.0.1", "10.0.0.1", null)]
    [InlineData("10.1:80", "10.0.0.1", 80)]
    [InlineData("010.0.0.1:80", "8.0.0.1", 80)]
    [InlineData("0xa.1:80", "10.0.0.1", 80)]
    [InlineData("167772161:80", "10.0.0.1", 80)]
    [InlineData("10.0.0.1 and more:80", "10.0.0.1", 80)]
    [InlineData("www:https", "10.5.0.2", 443)]
    [InlineData("[2001:db8::1]:80", "2001:db8::1", 80)]
    [InlineData("2001:db8::1", "2001:db8::1", null)]
    [InlineData("::1.2.3.4", "::1.2.3.4", null)]
    [InlineData("[10.0.0.1]:80", "10.0.0.1", null)]
    [InlineData("[10.0.0.1:90]:80", "10.0.0.1", 90)]
    public void An_endpoint_is_read_as_libc_reads_addresses(string text, string address, int? port) =>
        Assert.Equal(new Endpoint(IPAddress.Parse(address), (ushort?)port), Endpoint.Parse(text, TransportProtocol.Tcp, new FixedNames()));

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData(":80")]
    [InlineData("10.0.0.1:")]
    [InlineData("10.0.0.1:65536")]
    [InlineData("10.0.0.1:tftp")]
    [InlineData("10.0.0.256:80")]
    [InlineData(" 10.0.0.1:80")]
    [InlineData("[2001:db8::1]")]
    [InlineData("[2001:db8::1]80")]
    [InlineData("[2001:db8::1]:")]
    [InlineData("[fe80::1%lo]:80")]
    [InlineData("nosuch:80")]
    public void And_anything_else_is_none(string text) => Assert.Null(Endpoint.Parse(text, TransportProtocol.Tcp, new FixedNames()));

    [Theory]
    [InlineData("2001:db8:0:0:0:0:0:1", "2001:db8::1")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("::1.2.3.4", "::1.2.3.4")]
    [InlineData("::ffff:1.2.3.4", "::ffff:1.2.3.4")]
    [InlineData("2001:db8::5efe:102:304", "2001:db8::5efe:102:304")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    public void An_address_is_written_as_inet_ntop_writes_it(string address, string expected) =>
        Assert.Equal(expected, InternetAddress.Text(IPAddress.Parse(address)));

    [Theory]
    [InlineData(0ul, "        0", "        0")]
    [InlineData(99_999_999ul, " 99999999", " 99999999")]
    [InlineData(100_000_000ul, "  100000K", " 100000000")]
    [InlineData(999_999_999ul, "  999999K", " 999999999")]
    [InlineData(1_000_000_000ul, "    1000M", " 1000000000")]
    [InlineData(99_999_999_999ul, "   99999M", " 99999999999")]
    [InlineData(100_000_000_000ul, "     100G", " 100000000000")]
    [InlineData(99_999_999_999_999ul, "   99999G", " 99999999999999")]
    [InlineData(100_000_000_000_000ul, "     100T", " 100000000000000")]
    [InlineData(ulong.MaxValue, "18446744T", " 18446744073709551615")]
    public void A_counter_fits_nine_columns_unless_it_is_to_be_exact(ulong value, string scaled, string exact)
    {
        Assert.Equal(scaled, Written(new TrafficNumber(value, Exact: false)));
        Assert.Equal(exact, Written(new TrafficNumber(value, Exact: true)));
    }

    static string Written(TrafficNumber number)
    {
        using var stream = new MemoryStream();
        var output = new Output(stream);
        output.Write($"{number}");
        output.Flush();
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [Fact]
    public void Services_are_sorted_by_mark_family_protocol_address_and_port_each_by_the_sign_of_a_32_bit_difference()
    {
        string[] sorted =
        [
            "tcp 192.168.0.1:80", "tcp 224.0.0.1:80", "tcp 0.0.0.0:80", "tcp 10.0.0.1:80", "tcp 10.0.0.1:443", "tcp 10.0.0.2:80", "udp 10.0.0.1:53",
            "tcp [fd00::1]:80", "tcp [::]:80", "tcp [2001:db8:0:0:8000::]:80", "tcp [2001:db8::1]:80",
            "fwmark 1", "fwmark 1 ipv6", "fwmark 2",
        ];
        var services = sorted.Select(Service).ToArray();
        new Random(5).Shuffle(services);

        Assert.Equal(sorted, ListingOrder.Sorted(services).Select(s => s.Service.Key.ToString()));
    }

    [Fact]
    public void Servers_of_both_families_are_sorted_as_if_an_IPv4_address_were_the_beginning_of_an_IPv6_one()
    {
        string[] sorted = ["200.1.0.1:80", "[fd00::1]:80", "10.1.0.2:80", "10.1.0.2:81", "[2001:db8::1]:80", "[2001:db8::1]:81", "64.0.0.1:80"];
        var servers = sorted.Select(s => IPEndPoint.Parse(s)).Select(e => Server(new RealServerKey(e.Address, (ushort)e.Port))).ToArray();
        new Random(5).Shuffle(servers);

        Assert.Equal(sorted, ListingOrder.Sorted(servers).Select(s => s.Server.Key.ToString()));
    }

    static ObservedServer Server(RealServerKey key) => new(new RealServer(key), 0, 0, 0, default);

    static ObservedService Service(string text)
    {
        var words = text.Split(' ');
        var key = words[0] == "fwmark"
            ? ServiceKey.Marked(uint.Parse(words[1]), words.Length == 3 ? IpFamily.IPv6 : IpFamily.IPv4)
            : ServiceKey.At(words[0] == "udp" ? TransportProtocol.Udp : TransportProtocol.Tcp, IPEndPoint.Parse(words[1]).Address, (ushort)IPEndPoint.Parse(words[1]).Port);
        return new ObservedService(new VirtualService(key), default);
    }

    [Theory]
    [InlineData(IpFamily.IPv4, "-E -t 10.0.0.1:80")]
    [InlineData(IpFamily.IPv6, "-E -t [2001:db8::1]:80")]
    public void What_an_edit_does_not_name_returns_to_its_default(IpFamily family, string line)
    {
        var (command, _) = CommandLine.Parse(line.Split(' '), "ipvsadm", new FixedNames());
        var service = Assert.IsType<TableChange.SetService>(Assert.IsType<ParsedCommand.Change>(command).What).Service;
        Assert.Equal(new VirtualService(service.Key) { Netmask = VirtualService.WholeAddress(family) }, service);
    }
}
