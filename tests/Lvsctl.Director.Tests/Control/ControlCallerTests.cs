using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Tests.Control;

/// <summary>What who asks may do.</summary>
public sealed class ControlCallerTests
{
    const uint Group = 70_001;
    const uint ReadOnlyGroup = 70_002;

    // Nobody who has a name, and not who runs the tests.
    const uint User = 70_000;

    [Theory]
    [InlineData(new uint[] { Group, ReadOnlyGroup }, ControlAccess.Change)]
    [InlineData(new uint[] { ReadOnlyGroup }, ControlAccess.Read)]
    [InlineData(new uint[] { 70_003 }, null)]
    public void By_numbers_a_caller_may_what_his_groups_may(uint[] groups, ControlAccess? access)
    {
        var inOthers = ControlCaller.Of(new(1, User, User, groups), Group, ReadOnlyGroup);
        Assert.Equal((access, "uid 70000"), (inOthers.Access, inOthers.Name));
        // His first group counts too.
        Assert.Equal(access, ControlCaller.Of(new(1, User, groups[0], []), Group, ReadOnlyGroup).Access);
    }

    [Fact]
    public void Where_no_group_is_named_nobody_but_root_may()
    {
        Assert.Null(ControlCaller.Of(new(1, User, 0, [0]), null, null).Access);
        var root = ControlCaller.Of(new(1, 0, 0, []), null, null);
        Assert.Equal((ControlAccess.Change, "root"), (root.Access, root.Name));
    }

    [Fact]
    public void By_names_it_is_the_same_and_a_group_that_does_not_exist_has_nobody_in_it()
    {
        var peer = new PeerIdentity(1, User, User, [0]);
        Assert.Equal(ControlAccess.Read, ControlCaller.Of(peer, new ControlSpec { Group = "nosuchgroup", ReadOnlyGroup = "root" }).Access);
        Assert.Equal(ControlAccess.Change, ControlCaller.Of(peer, new ControlSpec { Group = "root", ReadOnlyGroup = "nosuchgroup" }).Access);
        Assert.Null(ControlCaller.Of(peer, new ControlSpec { Group = "nosuchgroup" }).Access);
    }
}
