using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Core.Preparation;
using static Lvsctl.Core.Preparation.PreparationStep;

namespace Lvsctl.Core.Tests.Preparation;

public class PreparationPlannerTests
{
    static RealServerRole Dr(string vip) => new(IPAddress.Parse(vip), ForwardingMethod.DirectRouting);

    static RealServerRole Tun(string vip) => new(IPAddress.Parse(vip), ForwardingMethod.Tunnel);

    static string[] Shell(PreparationPlan plan) => [.. plan.Steps.Select(s => s.Shell)];

    static PreparationPlan Prepare(SimulatedHost host, params RealServerRole[] roles) =>
        PreparationPlanner.Prepare(roles, host.Observed, PreparationRecord.Empty);

    [Fact]
    public void Direct_routing_silences_arp_before_the_address_appears() => Assert.Equal(
        [
            "sysctl -w net.ipv4.conf.all.arp_ignore=1",
            "sysctl -w net.ipv4.conf.lo.arp_ignore=1",
            "sysctl -w net.ipv4.conf.all.arp_announce=2",
            "sysctl -w net.ipv4.conf.lo.arp_announce=2",
            "ip addr add 10.0.0.1/32 dev lo",
        ], Shell(Prepare(new(), Dr("10.0.0.1"))));

    [Fact]
    public void A_tunnel_needs_its_device_and_no_reverse_path_filter() => Assert.Equal(
        [
            "ip link add name tunl0 type ipip 2>/dev/null || ip link show dev tunl0 >/dev/null",
            "sysctl -w net.ipv4.conf.all.arp_ignore=1",
            "sysctl -w net.ipv4.conf.tunl0.arp_ignore=1",
            "sysctl -w net.ipv4.conf.all.arp_announce=2",
            "sysctl -w net.ipv4.conf.tunl0.arp_announce=2",
            "sysctl -w net.ipv4.conf.all.rp_filter=0",
            "sysctl -w net.ipv4.conf.tunl0.rp_filter=0",
            "ip link set dev tunl0 up",
            "ip addr add 10.0.0.1/32 dev tunl0",
        ], Shell(Prepare(new("1"), Tun("10.0.0.1"))));

    [Fact]
    public void That_the_reverse_path_filter_of_other_interfaces_may_go_as_well_is_said()
    {
        Assert.Contains("rp_filter of all goes from 1 to 0", Assert.Single(Prepare(new("1"), Tun("10.0.0.1")).Notes));
        Assert.Empty(Prepare(new("0"), Tun("10.0.0.1")).Notes);
        Assert.Empty(Prepare(new("1"), Dr("10.0.0.1")).Notes);
    }

    [Fact]
    public void IPv6_needs_no_settings_and_no_duplicate_address_detection()
    {
        Assert.Equal(["ip addr add 2001:db8::1/128 dev lo nodad"], Shell(Prepare(new(), Dr("2001:db8::1"))));
        Assert.Equal(["ip link set dev ip6tnl0 up", "ip addr add 2001:db8::1/128 dev ip6tnl0 nodad"],
            Shell(Prepare(new("0", "ip6tnl0"), Tun("2001:db8::1"))));
    }

    [Fact]
    public void A_virtual_address_with_a_whole_network_on_lo_is_refused_because_its_clients_would_get_no_answer()
    {
        var host = new SimulatedHost().Observed;
        var plan = PreparationPlanner.Prepare([Dr("192.168.1.200")], host with { Addresses = [.. host.Addresses, new("lo", IPAddress.Parse("192.168.1.200"), 24)] }, PreparationRecord.Empty);

        Assert.Empty(plan.Steps);
        Assert.Contains("ip addr del 192.168.1.200/24 dev lo", Assert.Single(plan.Refusals));
    }

    [Fact]
    public void Several_addresses_share_their_settings() => Assert.Equal(
        ["ip addr add 10.0.0.1/32 dev lo", "ip addr add 10.0.0.2/32 dev lo"],
        Shell(Prepare(new(), Dr("10.0.0.1"), Dr("10.0.0.2")))[4..]);

    [Fact]
    public void Preparing_what_is_prepared_is_no_step()
    {
        var host = new SimulatedHost("1");
        RealServerRole[] roles = [Dr("10.0.0.1"), Tun("10.0.0.2"), Tun("2001:db8::1")];
        var record = host.Prepare(PreparationRecord.Empty, roles);
        var again = PreparationPlanner.Prepare(roles, host.Observed, record);
        Assert.Empty(again.Steps);
        Assert.Equal(record.Changes.Select(c => c.Step), again.Record.Changes.Select(c => c.Step));
    }

    [Theory]
    [InlineData("arp_ignore", "2", true)]
    [InlineData("arp_ignore", "8", true)]
    [InlineData("arp_ignore", "3", false)]
    [InlineData("arp_announce", "1", false)]
    public void A_stricter_choice_of_the_administrator_stays(string setting, string value, bool stays)
    {
        var host = new SimulatedHost();
        host.Sysctls[$"net.ipv4.conf.all.{setting}"] = value;
        Assert.Equal(!stays, Prepare(host, Dr("10.0.0.1")).Steps.OfType<SetSysctl>().Any(s => s.Name == $"net.ipv4.conf.all.{setting}"));
    }

    [Fact]
    public void What_was_found_right_is_left_by_an_undo()
    {
        var host = new SimulatedHost();
        host.Carry(new SetSysctl("net.ipv4.conf.all.arp_ignore", "0", "1"));
        host.Carry(new AddAddress("lo", IPAddress.Parse("10.0.0.1")));
        var before = host.State;
        var record = host.Prepare(PreparationRecord.Empty, Dr("10.0.0.1"));
        Assert.True(host.Undo(record, Dr("10.0.0.1")).IsEmpty);
        Assert.Equal(before, host.State);
    }

    [Fact]
    public void Shared_settings_stay_until_the_last_address_goes()
    {
        var host = new SimulatedHost();
        var before = host.State;
        var record = host.Prepare(PreparationRecord.Empty, Dr("10.0.0.1"));
        record = host.Prepare(record, Dr("10.0.0.2"));
        record = host.Undo(record, Dr("10.0.0.1"));
        Assert.Equal("1", host.Sysctls["net.ipv4.conf.all.arp_ignore"]);
        Assert.Equal([Dr("10.0.0.2")], record.Roles);
        record = host.Undo(record, Dr("10.0.0.2"));
        Assert.True(record.IsEmpty);
        Assert.Equal(before, host.State);
    }

    [Fact]
    public void Undoing_what_was_never_prepared_is_no_step()
    {
        var host = new SimulatedHost();
        var record = host.Prepare(PreparationRecord.Empty, Dr("10.0.0.1"));
        var plan = PreparationPlanner.Undo([Dr("10.0.0.2"), Tun("10.0.0.1")], host.Observed, record);
        Assert.Empty(plan.Steps);
        Assert.Equal(record.Changes, plan.Record.Changes);
    }

    [Fact]
    public void A_setting_that_somebody_changed_since_stays_and_is_reported()
    {
        var host = new SimulatedHost();
        var record = host.Prepare(PreparationRecord.Empty, Dr("10.0.0.1"));
        host.Sysctls["net.ipv4.conf.all.arp_ignore"] = "2";
        var plan = PreparationPlanner.Undo([Dr("10.0.0.1")], host.Observed, record);
        Assert.DoesNotContain(plan.Steps.OfType<SetSysctl>(), s => s.Name == "net.ipv4.conf.all.arp_ignore");
        Assert.Contains("net.ipv4.conf.all.arp_ignore is 2, not the 1 that prepare set", Assert.Single(plan.Notes));
        Assert.True(plan.Record.IsEmpty);
    }

    [Fact]
    public void A_setting_that_was_set_again_after_a_change_still_goes_back_to_what_was_found_first()
    {
        var host = new SimulatedHost("1");
        var record = host.Prepare(PreparationRecord.Empty, Tun("10.0.0.1"));
        host.Sysctls["net.ipv4.conf.all.rp_filter"] = "2";
        record = host.Prepare(record, Tun("10.0.0.1"));
        Assert.Equal("0", host.Sysctls["net.ipv4.conf.all.rp_filter"]);
        host.Undo(record, Tun("10.0.0.1"));
        Assert.Equal("1", host.Sysctls["net.ipv4.conf.all.rp_filter"]);
    }

    [Fact]
    public void A_tunnel_device_that_others_use_by_now_stays_up_and_is_reported()
    {
        var host = new SimulatedHost();
        var record = host.Prepare(PreparationRecord.Empty, Tun("10.0.0.1"));
        host.Carry(new AddAddress("tunl0", IPAddress.Parse("10.9.9.9")));
        var plan = PreparationPlanner.Undo([Tun("10.0.0.1")], host.Observed, record);
        Assert.DoesNotContain(plan.Steps, s => s is SetLinkDown or DeleteLink);
        Assert.Equal(2, plan.Notes.Count);
        Assert.All(plan.Notes, n => Assert.Contains("10.9.9.9", n));
    }

    [Fact]
    public void An_address_of_the_kernels_own_does_not_keep_a_device_up()
    {
        var host = new SimulatedHost("0", "ip6tnl0");
        var record = host.Prepare(PreparationRecord.Empty, Tun("2001:db8::1"));
        host.Carry(new AddAddress("ip6tnl0", IPAddress.Parse("fe80::1")));
        Assert.Contains(PreparationPlanner.Undo([Tun("2001:db8::1")], host.Observed, record).Steps, s => s is SetLinkDown);
    }

    [Fact]
    public void A_virtual_address_on_a_device_that_speaks_arp_is_refused()
    {
        var host = new SimulatedHost();
        host.Addresses.Add(new("eth0", IPAddress.Parse("10.0.0.1"), 24));
        var plan = Prepare(host, Dr("10.0.0.1"));
        Assert.Empty(plan.Steps);
        Assert.Contains("ip addr del 10.0.0.1/24 dev eth0", Assert.Single(plan.Refusals));
        // Deleting only once the address is where it belongs would leave it on eth0 for ever; so an undo does not look there.
        Assert.Empty(PreparationPlanner.Undo([Dr("10.0.0.1")], host.Observed, PreparationRecord.Empty).Steps);
    }

    [Fact]
    public void A_crash_anywhere_in_the_middle_can_be_undone_and_can_be_continued()
    {
        var role = Tun("10.0.0.1");
        for (var carried = 0; ; carried++)
        {
            var host = new SimulatedHost("1", "tunl0");
            var before = host.State;
            var plan = Prepare(host, role);
            if (carried > plan.Steps.Count) break;
            foreach (var step in plan.Steps.Take(carried)) host.Carry(step);

            var continued = PreparationPlanner.Prepare([role], host.Observed, plan.Record);
            Assert.Equal(plan.Steps.Skip(carried).Select(s => s.Shell), continued.Steps.Select(s => s.Shell));

            host.Undo(plan.Record, role);
            Assert.Equal(before, host.State);
        }
    }

    [Fact]
    public void Whatever_is_prepared_and_undone_in_whatever_order_leads_back_to_what_was_found()
    {
        RealServerRole[] all = [Dr("10.0.0.1"), Dr("10.0.0.2"), Tun("10.0.0.1"), Tun("10.0.0.3"), Dr("2001:db8::1"), Tun("2001:db8::2")];
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var host = new SimulatedHost(random.Next(3).ToString());
            if (random.Next(2) == 0) host.Carry(new CreateLink("tunl0", "ipip"));
            if (random.Next(3) == 0) host.Carry(new AddAddress("lo", IPAddress.Parse("10.0.0.2")));
            if (random.Next(3) == 0) host.Sysctls["net.ipv4.conf.all.arp_ignore"] = random.Next(9).ToString();
            var before = host.State;

            var record = PreparationRecord.Empty;
            for (var i = 0; i < 12; i++)
            {
                var some = random.GetItems(all, random.Next(1, 4)).Distinct().ToArray();
                record = random.Next(2) == 0 ? host.Prepare(record, some) : host.Undo(record, some);
            }
            random.Shuffle(all);
            foreach (var role in all) record = host.Undo(record, role);

            Assert.True(record.IsEmpty, $"seed {seed}");
            Assert.True(before == host.State, $"seed {seed}:\n{before}\n--\n{host.State}");
        }
    }

    [Fact]
    public void Each_step_taken_back_twice_is_itself()
    {
        var host = new SimulatedHost("1");
        Assert.All(Prepare(host, Tun("10.0.0.1"), Dr("2001:db8::1")).Steps.Where(s => s is not SetSysctl { From: null }),
            s => Assert.Equal(s.Shell, s.Inverse.Inverse.Shell));
    }
}
