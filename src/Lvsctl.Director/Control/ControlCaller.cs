using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Linux.Processes;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Control;

/// <summary>Who asks, by the kernel's word, and what they may.</summary>
/// <param name="Access">Null: nothing.</param>
/// <param name="Name">For people: <c>root</c>, or <c>uid 1000</c> where the number has no name.</param>
public sealed record ControlCaller(PeerIdentity Peer, ControlAccess? Access, string Name)
{
    public static ControlCaller Of(PeerIdentity peer, ControlSpec control)
    {
        var mayChange = peer.User == 0 || peer.User == UserIdentity.Current || IsIn(peer, control.Group);
        ControlAccess? access = mayChange ? ControlAccess.Change : IsIn(peer, control.ReadOnlyGroup) ? ControlAccess.Read : null;
        return new(peer, access, UserIdentity.NameOf(peer.User) ?? string.Create(CultureInfo.InvariantCulture, $"uid {peer.User}"));
    }

    public bool May(ControlAccess access) => Access >= access;

    static bool IsIn(PeerIdentity peer, string? group) => group is not null && UserIdentity.FindGroup(group) is { } gid && peer.IsIn(gid);
}
