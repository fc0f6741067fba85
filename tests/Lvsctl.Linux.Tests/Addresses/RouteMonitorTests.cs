using System.Net;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Addresses.RouteConstants;

namespace Lvsctl.Linux.Tests.Addresses;

public sealed class RouteMonitorTests
{
    static List<RouteChange> Take(Action<MessageWriter> write)
    {
        var writer = new MessageWriter();
        write(writer);
        var changes = new List<RouteChange>();
        RouteMonitor.Take(writer.Written, changes);
        return changes;
    }

    static void Link(MessageWriter writer, ushort type, byte family = 0)
    {
        var message = writer.BeginMessage(type, 0, 0);
        var header = writer.Reserve(16);
        header[0] = family;
        header[2] = 1;                      // ARPHRD_ETHER
        header[4] = 7;
        header[8] = 1;                      // IFF_UP, and no IFF_LOWER_UP
        writer.Text(IFLA_IFNAME, "eth0");
        byte[] card = [2, 0, 0, 0, 0, 10];
        card.CopyTo(writer.Attribute(IFLA_ADDRESS, 6));
        writer.EndMessage(message);
    }

    [Fact]
    public void A_wire_that_was_pulled_is_told_with_the_cards_address()
    {
        var change = Assert.Single(Take(w => Link(w, RTM_NEWLINK)));

        Assert.Equal(RouteChangeKind.Link, change.Kind);
        Assert.Equal(("eth0", 7, true, false, "02000000000A"), (change.Link!.Name, change.Link.Index, change.Link.IsUp, change.Link.HasCarrier, change.Link.Card?.ToString()));
    }

    [Fact]
    public void A_port_taken_off_a_bridge_is_not_gone() => Assert.Empty(Take(w => Link(w, RTM_DELLINK, family: 7)));

    [Fact]
    public void Several_changes_of_one_datagram_come_in_order()
    {
        var address = new LinkAddress(7, IPAddress.Parse("10.0.0.100"), 24);
        var changes = Take(writer =>
        {
            foreach (var type in new[] { RTM_NEWADDR, RTM_DELADDR })
            {
                var message = writer.BeginMessage(type, 0, 0);
                LinkAddress.Write(writer, address);
                writer.EndMessage(message);
            }
            Link(writer, RTM_DELLINK);
        });

        Assert.Equal([RouteChangeKind.AddressAdded, RouteChangeKind.AddressRemoved, RouteChangeKind.LinkGone], changes.Select(c => c.Kind));
        Assert.Equal(address, changes[1].Address);
    }

    [Fact]
    public void A_deprecated_address_has_no_preferred_time_and_lives_for_ever()
    {
        var writer = new MessageWriter();
        LinkAddress.Write(writer, new LinkAddress(7, IPAddress.Parse("fe80::100"), 64) { IsDeprecated = true });

        Assert.EndsWith("14000600" + "00000000" + "ffffffff" + "0000000000000000", Convert.ToHexStringLower(writer.Written));
    }

    [Fact]
    public void A_label_is_IPv4s_alone()
    {
        var writer = new MessageWriter();
        LinkAddress.Write(writer, new LinkAddress(7, IPAddress.Parse("10.0.0.100"), 24) { Label = "eth0:v", IsDeprecated = true });

        Assert.EndsWith("0b000300" + "657468303a7600" + "00", Convert.ToHexStringLower(writer.Written));
    }
}
