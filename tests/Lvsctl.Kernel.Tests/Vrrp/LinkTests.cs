using System.Globalization;
using System.Text.RegularExpressions;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>Cables that are pulled.</summary>
public sealed class LinkTests
{
    [Fact]
    public void A_router_whose_wire_is_pulled_gives_its_address_up_and_takes_it_back()
    {
        using var segment = new Segment();
        var (first, _) = Pair.Start(segment);

        segment.Unplug(1, isOut: true);
        segment.WaitForOwner(2);
        Assert.Equal("fault", first.Look().State);
        Assert.Contains("fault: its interface is down or has no address", first.StatusText());

        segment.Unplug(1, isOut: false);
        segment.WaitForOwner(1);
    }

    [Fact]
    public void A_router_that_has_no_descriptor_for_a_caller_sends_him_away_and_stays_master()
    {
        using var segment = new Segment();
        var (first, _) = Pair.Start(segment);
        var taken = Directory.GetFileSystemEntries($"/proc/{first.Id}/fd").Select(f => int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture)).ToHashSet();
        Command.MustRun("prlimit", $"--nofile={Enumerable.Range(0, taken.Count + 1).First(f => !taken.Contains(f))}:", "--pid", $"{first.Id}");

        Assert.NotEqual(0, first.Ask("status").ExitCode);
        var before = Ticks();
        segment.MustStay(1, TimeSpan.FromSeconds(2));
        // It does not ask again and again whether there is one now.
        Assert.InRange(Ticks() - before, 0, 50);

        Command.MustRun("prlimit", "--nofile=1024:", "--pid", $"{first.Id}");
        Assert.Equal("master", first.Look().State);

        // Hundredths of a second that it worked, of two hundred.
        long Ticks() => File.ReadAllText($"/proc/{first.Id}/stat").Split(") ")[^1].Split(' ')[11..13].Sum(t => long.Parse(t, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Routers_of_a_sync_group_move_together_when_one_of_them_cannot_stay()
    {
        using var segment = new Segment();
        segment.AddSecondNetwork();
        static string Manifest(int priority) => $$"""

            vrrp:
              outside: { interface: eth0, id: 51, interval: 100ms, priority: {{priority}}, addresses: 10.1.8.100/24, sync-group: both }
              inside: { interface: eth1, id: 52, interval: 100ms, priority: {{priority}}, addresses: 10.1.9.100/24, sync-group: both }

            """;
        var (first, second) = Pair.StartWith(segment, Manifest(200), Manifest(100));
        Both(1);

        segment.Unplug(1, isOut: true, "eth1");
        Both(2);
        var status = first.StatusText();
        Assert.Matches(new Regex(@"(?m)^outside: fault for \S+ \(another router of sync group both has one\)$"), status);
        Assert.Contains("  priority  200, fault: its interface is down or has no address\n", status);
        Assert.Contains("id 52, from 10.1.9.1, sync group both\n", status);

        segment.Unplug(1, isOut: false, "eth1");
        Both(1);

        // An operator who names one means both.
        Assert.Equal(0, first.Ask("failover", "inside").ExitCode);
        Both(2);
        Assert.Equal(0, first.Ask("resume", "outside").ExitCode);
        Both(1);

        // Without an heir the group is soon master here again, and he is told so.
        second.Kill();
        var (code, _, refused) = first.Ask("failover");
        Assert.Equal(1, code);
        Assert.Contains("lvsctl: outside: nobody took over", refused);
        first.WaitForState("master", 0);
        first.WaitForState("master", 1);
        Assert.DoesNotContain("error:", first.Log + second.Log);

        void Both(int host)
        {
            segment.WaitForOwner(host);
            segment.WaitForOwner(host, "10.1.9.100", "eth1");
        }
    }
}
