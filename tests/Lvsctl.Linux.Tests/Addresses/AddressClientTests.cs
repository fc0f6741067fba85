using System.Net;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Tests.Addresses;

/// <summary>Requests and answers as literal bytes, as ip(8) and a 6.1 kernel exchange them (little-endian host).</summary>
public class AddressClientTests
{
    const string EndOfDump = "14000000 0300 0200 01000000 00000000 00000000";

    // NLMSG_ERROR with the echoed header of the request.
    static string Refused(Errno errno) =>
        "24000000 0200 0001 01000000 00000000" + Convert.ToHexString(BitConverter.GetBytes(-(int)errno)) + "00000000 0000 0000 00000000 00000000";

    static readonly string Ok = Refused(Errno.OK);

    static (T Result, string Sent) Exchange<T>(Func<AddressClient, T> call, params string[] answers)
    {
        var peer = new RecordingPeer([.. answers.Select(RecordingPeer.Bytes)]);
        using var client = new AddressClient(peer);
        return (call(client), peer.Sent);
    }

    static string Request(params string[] parts) => string.Concat(parts).Replace(" ", "");

    const string Lo = "30000000 1000 0200 01000000 00000000"
        + "00 00 0403 01000000 49000100 00000000" // ARPHRD_LOOPBACK, index 1, UP|LOOPBACK|RUNNING|LOWER_UP
        + "07000300 6c6f00 00" + "08000d00 e8030000"; // IFLA_IFNAME "lo", IFLA_TXQLEN

    const string Tunl0 = "2c000000 1000 0200 01000000 00000000"
        + "00 00 0003 04000000 80000000 00000000"
        + "0a000300 74756e6c3000 0000";

    [Fact]
    public void Devices_are_listed_with_what_matters_of_their_flags()
    {
        var (links, sent) = Exchange(c => c.ListLinks(), Lo + Tunl0, EndOfDump);
        Assert.Equal(Request("20000000 1200 0103 01000000 00000000", "00000000 00000000 00000000 00000000"), sent);
        Assert.Equal([new Link(1, "lo", IsUp: true, IsLoopback: true, IsNoArp: false), new Link(4, "tunl0", IsUp: false, IsLoopback: false, IsNoArp: true)], links);
    }

    [Fact]
    public void A_list_that_changed_while_it_was_read_is_read_again()
    {
        // NLM_F_MULTI | NLM_F_DUMP_INTR; then the same whole, under the next sequence number.
        var (links, _) = Exchange(c => c.ListLinks(),
            Lo.Replace("0200 01000000", "1200 01000000"), EndOfDump.Replace("0200 01000000", "1200 01000000"),
            (Lo + Tunl0).Replace("0200 01000000 00000000", "0200 02000000 00000000"), EndOfDump.Replace("0200 01000000", "0200 02000000"));

        Assert.Equal(["lo", "tunl0"], links.Select(l => l.Name));
    }

    [Fact]
    public void A_device_is_found_by_its_name()
    {
        var (link, sent) = Exchange(c => c.FindLink("tunl0"), Tunl0, Ok);
        Assert.Equal(Request("2c000000 1200 0500 01000000 00000000", "00000000 00000000 00000000 00000000", "0a000300 74756e6c3000 0000"), sent);
        Assert.Equal(4, link!.Index);
        Assert.Null(Exchange(c => c.FindLink("tunl0"), Refused(Errno.ENODEV)).Result);
    }

    [Fact]
    public void A_device_is_created_by_kind()
    {
        var (created, sent) = Exchange(c => c.CreateLink("tunl0", "ipip"), Ok);
        Assert.True(created);
        Assert.Equal(Request("3c000000 1000 0506 01000000 00000000", "00000000 00000000 00000000 00000000",
            "0a000300 74756e6c3000 0000", "10001280 09000100 69706970 00 000000"), sent);
        Assert.False(Exchange(c => c.CreateLink("tunl0", "ipip"), Refused(Errno.EEXIST)).Result);
    }

    [Fact]
    public void Bringing_a_device_up_changes_no_other_flag()
    {
        var link = new Link(4, "tunl0", false, false, true);
        Assert.Equal(Request("20000000 1000 0500 01000000 00000000", "00000000 04000000 01000000 01000000"),
            Exchange(c => { c.SetUp(link, true); return 0; }, Ok).Sent);
        Assert.Equal(Request("20000000 1000 0500 01000000 00000000", "00000000 04000000 00000000 01000000"),
            Exchange(c => { c.SetUp(link, false); return 0; }, Ok).Sent);
    }

    [Fact]
    public void Addresses_of_both_families_are_listed_with_the_own_end_of_a_point_to_point_link()
    {
        const string V4 = "28000000 1400 0200 01000000 00000000" + "02 20 80 00 02000000" + "08000100 0a000002" + "08000200 0a000001";
        const string V6 = "2c000000 1400 0200 01000000 00000000" + "0a 80 02 00 01000000" + "14000100 20010db8000000000000000000000001";
        var (addresses, sent) = Exchange(c => c.ListAddresses(), V4 + V6, EndOfDump);
        Assert.Equal(Request("18000000 1600 0103 01000000 00000000", "00000000 00000000"), sent);
        Assert.Equal([new LinkAddress(2, IPAddress.Parse("10.0.0.1"), 32), new LinkAddress(1, IPAddress.Parse("2001:db8::1"), 128)], addresses);
    }

    [Theory]
    [InlineData("40", true)]
    [InlineData("82", false)]
    public void An_address_that_another_host_may_have_is_tentative(string flags, bool isTentative)
    {
        var (addresses, _) = Exchange(c => c.ListAddresses(), $"2c000000 1400 0200 01000000 00000000 0a 40 {flags} fd 01000000 14000100 fe800000000000000000000000000001", EndOfDump);
        Assert.Equal(isTentative, addresses.Single().IsTentative);
    }

    [Fact]
    public void An_IPv4_address_is_added_alone()
    {
        var (added, sent) = Exchange(c => c.Add(new LinkAddress(1, IPAddress.Parse("192.168.1.200"), 32), "lo"), Ok);
        Assert.True(added);
        Assert.Equal(Request("28000000 1400 0506 01000000 00000000", "02 20 00 00 01000000", "08000200 c0a801c8", "08000100 c0a801c8"), sent);
        Assert.False(Exchange(c => c.Add(new LinkAddress(1, IPAddress.Parse("192.168.1.200"), 32), "lo"), Refused(Errno.EEXIST)).Result);
    }

    [Fact]
    public void An_IPv6_address_is_added_without_duplicate_address_detection() => Assert.Equal(
        Request("40000000 1400 0506 01000000 00000000", "0a 80 02 00 01000000",
            "14000200 20010db8000000000000000000000001", "14000100 20010db8000000000000000000000001"),
        Exchange(c => c.Add(new LinkAddress(1, IPAddress.Parse("2001:db8::1"), 128), "lo"), Ok).Sent);

    [Fact]
    public void Removing_an_address_that_is_gone_is_no_error()
    {
        var address = new LinkAddress(1, IPAddress.Parse("192.168.1.200"), 32);
        var (removed, sent) = Exchange(c => c.Remove(address, "lo"), Ok);
        Assert.True(removed);
        Assert.StartsWith(Request("28000000 1500 0500"), sent);
        Assert.False(Exchange(c => c.Remove(address, "lo"), Refused(Errno.EADDRNOTAVAIL)).Result);
    }

    [Theory]
    [InlineData(Errno.EPERM, "run as root", true)]
    [InlineData(Errno.EOPNOTSUPP, "this kernel has no ipip tunnels", true)]
    [InlineData(Errno.ENOMEM, "(ENOMEM)", false)]
    public void A_refusal_says_what_was_asked_of_which_device_and_what_to_do(Errno errno, string advice, bool isKernelOrPermission)
    {
        var error = Assert.Throws<AddressException>(() => Exchange(c => c.CreateLink("tunl0", "ipip"), Refused(errno)));
        Assert.StartsWith("cannot create tunl0: ", error.Message);
        Assert.Contains(advice, error.Message);
        Assert.Equal((errno, "tunl0", isKernelOrPermission), (error.Errno, error.Device, error.IsKernelOrPermission));
    }

    [Fact]
    public void IPv6_that_is_switched_off_is_named_as_the_cause() => Assert.Contains("net.ipv6.conf.lo.disable_ipv6",
        Assert.Throws<AddressException>(() => Exchange(c => c.Add(new LinkAddress(1, IPAddress.Parse("2001:db8::1"), 128), "lo"), Refused(Errno.EACCES))).Message);

    [Theory]
    [InlineData("14000000 1000 0200 01000000 00000000 00000000")] // no room for ifinfomsg
    [InlineData("24000000 1000 0200 01000000 00000000 00000000 01000000 00000000 00000000 ff000300")] // an attribute longer than the message
    public void A_garbled_answer_is_an_error(string answer) =>
        Assert.Throws<NetlinkException>(() => Exchange(c => c.ListLinks(), answer, EndOfDump));
}
