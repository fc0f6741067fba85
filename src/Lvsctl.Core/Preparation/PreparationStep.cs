using System.Net;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Preparation;

/// <summary>One change to the host. It knows the shell command of the same effect, and the step that takes it back.</summary>
public abstract record PreparationStep
{
    PreparationStep()
    {
    }

    public abstract string Shell { get; }

    public abstract PreparationStep Inverse { get; }

    /// <summary>What the step is for, for people; equal for steps that serve one purpose.</summary>
    public string Why { get; init; } = "";

    /// <summary>The name without its values: two steps with the same subject change the same thing.</summary>
    internal abstract string Subject { get; }

    public sealed record CreateLink(string Device, string Kind) : PreparationStep
    {
        // The module brings a device of this name along (unless net.core.fb_tunnels_only_for_init_net says no), and then
        // adding it fails although all is well.
        public override string Shell => $"ip link add name {Device} type {Kind} 2>/dev/null || ip link show dev {Device} >/dev/null";

        public override PreparationStep Inverse => new DeleteLink(Device, Kind);

        internal override string Subject => $"link {Device}";
    }

    public sealed record DeleteLink(string Device, string Kind) : PreparationStep
    {
        public override string Shell => $"ip link del dev {Device}";

        public override PreparationStep Inverse => new CreateLink(Device, Kind);

        internal override string Subject => $"link {Device}";
    }

    public sealed record SetLinkUp(string Device) : PreparationStep
    {
        public override string Shell => $"ip link set dev {Device} up";

        public override PreparationStep Inverse => new SetLinkDown(Device);

        internal override string Subject => $"state {Device}";
    }

    public sealed record SetLinkDown(string Device) : PreparationStep
    {
        public override string Shell => $"ip link set dev {Device} down";

        public override PreparationStep Inverse => new SetLinkUp(Device);

        internal override string Subject => $"state {Device}";
    }

    /// <summary>Adds the address alone (/32 or /128). IPv6 skips duplicate address detection: the same address lives on every real server.</summary>
    public sealed record AddAddress(string Device, IPAddress Address) : PreparationStep
    {
        public override string Shell => $"ip addr add {Host(Address)} dev {Device}{(Address.Family() == IpFamily.IPv6 ? " nodad" : "")}";

        public override PreparationStep Inverse => new RemoveAddress(Device, Address);

        internal override string Subject => $"address {Address} {Device}";
    }

    public sealed record RemoveAddress(string Device, IPAddress Address) : PreparationStep
    {
        public override string Shell => $"ip addr del {Host(Address)} dev {Device}";

        public override PreparationStep Inverse => new AddAddress(Device, Address);

        internal override string Subject => $"address {Address} {Device}";
    }

    /// <param name="From">What was found; null while the device that it belongs to is still to come.</param>
    public sealed record SetSysctl(string Name, string? From, string To) : PreparationStep
    {
        public override string Shell => $"sysctl -w {Name}={To}";

        public override PreparationStep Inverse =>
            new SetSysctl(Name, To, From ?? throw new InvalidOperationException($"nobody knows what {Name} was"));

        internal override string Subject => $"sysctl {Name}";
    }

    static string Host(IPAddress address) => $"{address}/{address.Family().AddressLength() * 8}";
}
