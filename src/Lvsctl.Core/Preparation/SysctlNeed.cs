using Lvsctl.Core.Model;

namespace Lvsctl.Core.Preparation;

/// <summary>A kernel setting that a role depends on.</summary>
/// <param name="AlsoGood">Other values that do as well, so that an administrator's stricter choice stays.</param>
sealed record SysctlNeed(string Name, string Value, string Why, params string[] AlsoGood)
{
    public bool IsMetBy(string? value) => value == Value || AlsoGood.Contains(value);

    /// <summary>
    /// None for IPv6: a host answers neighbour solicitations only for addresses of the interface that was asked, and has no rp_filter.
    /// For all of these the kernel takes the larger of the value of "all" and that of the interface.
    /// </summary>
    public static IEnumerable<SysctlNeed> Of(RealServerRole role)
    {
        if (role.Vip.Family() == IpFamily.IPv6) yield break;

        foreach (var scope in new[] { "all", role.Device })
        {
            // 2 and 8 are silent about the VIP as well; 3 is not, and 4 to 7 mean nothing.
            yield return new($"net.ipv4.conf.{scope}.arp_ignore", "1",
                "answer ARP only for addresses of the interface that was asked, so never for the virtual one", "2", "8");
        }
        foreach (var scope in new[] { "all", role.Device })
        {
            yield return new($"net.ipv4.conf.{scope}.arp_announce", "2", "never name the virtual address in ARP requests of our own");
        }
        if (role.Forward != ForwardingMethod.Tunnel) yield break;

        foreach (var scope in new[] { "all", role.Device })
        {
            yield return new($"net.ipv4.conf.{scope}.rp_filter", "0",
                $"take clients' packets out of the tunnel though the way back is another; the larger of all and {role.Device} counts, so both are 0");
        }
    }
}
