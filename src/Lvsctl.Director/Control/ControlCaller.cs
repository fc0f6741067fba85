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
    /// <summary>Asks the host's name service, which may keep one waiting.</summary>
    public static ControlCaller Of(PeerIdentity peer, ControlSpec control)
    {
        var byNumber = IsTrusted(peer) ? Of(peer, null, null) : Of(peer, Find(control.Group), Find(control.ReadOnlyGroup));
        return byNumber with { Name = UserIdentity.NameOf(peer.User) ?? byNumber.Name };
    }

    /// <summary>By numbers alone, and so at once: nobody but root has a name.</summary>
    public static ControlCaller Of(PeerIdentity peer, uint? group, uint? readOnlyGroup)
    {
        ControlAccess? access = IsTrusted(peer) || IsIn(peer, group) ? ControlAccess.Change : IsIn(peer, readOnlyGroup) ? ControlAccess.Read : null;
        return new(peer, access, peer.User == 0 ? "root" : string.Create(CultureInfo.InvariantCulture, $"uid {peer.User}"));
    }

    public bool May(ControlAccess access) => Access >= access;

    static bool IsTrusted(PeerIdentity peer) => peer.User == 0 || peer.User == UserIdentity.Current;

    static bool IsIn(PeerIdentity peer, uint? group) => group is { } gid && peer.IsIn(gid);

    static uint? Find(string? group) => group is null ? null : UserIdentity.FindGroup(group);
}
