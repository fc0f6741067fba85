using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;
using static Lvsctl.Core.Events.EventFields;

namespace Lvsctl.Core.Events;

/// <summary>What happens to virtual routers, in words.</summary>
public static class VrrpEvents
{
    public static DirectorEvent Started(int routers, string who) =>
        new(EventKinds.VrrpStarted, routers == 1 ? $"lvsctl vrrp runs as {who}: 1 virtual router" : $"lvsctl vrrp runs as {who}: {routers} virtual routers", [new(EventFields.Who, who)]);

    public static DirectorEvent Stopping(string why) => new(EventKinds.VrrpStopping, $"lvsctl vrrp stops: {why}", [new(Reason, why)]);

    /// <param name="process">0: not known.</param>
    /// <param name="isKept">An earlier director started it.</param>
    public static DirectorEvent Found(int process, bool isKept) => new(EventKinds.VrrpFound, isKept
        ? $"lvsctl vrrp{Which(process)} is at work already, as an earlier director started it; it goes on, and is started again if it dies"
        : $"lvsctl vrrp{Which(process)} is at work already, on its own; its start and end are left to whoever started it", []);

    /// <param name="process">0: not known.</param>
    /// <param name="again">After which time it is started again; null: not by the director.</param>
    public static DirectorEvent Died(int process, TimeSpan? again) => new(EventKinds.VrrpDied, $"lvsctl vrrp{Which(process)} has ended, and nobody told it to; "
        + (again is not { } time ? "whoever started it has to start it again" : time == TimeSpan.Zero ? "it is started again" : $"it is started again in {Duration.Text(time)}"), []);

    static string Which(int process) => process == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" (process {process})");

    /// <param name="own">Its effective priority.</param>
    /// <param name="group">Null: it is in no sync group.</param>
    public static DirectorEvent Transition(string router, in ElectionOutput change, byte own, string? group)
    {
        var fields = new List<EventField> { new(Router, router), new(From, Word(change.From)), new(To, Word(change.To)), new(Why, Id(change.Why)), new(OwnPriority, own) };
        if (group is not null) fields.Add(new(SyncGroup, group));
        if (change.Peer is { } peer)
        {
            fields.Add(new(Peer, peer.ToString()));
            fields.Add(new(Priority, change.Priority));
        }
        return new(EventKinds.VrrpTransition, $"{router}: {Word(change.From)} -> {Word(change.To)}, {Words(change)}", fields.ToValueList());
    }

    /// <summary>The last of its routers has come to where the others are.</summary>
    public static DirectorEvent GroupTransition(string group, VrrpState to) =>
        new(EventKinds.VrrpGroup, $"sync group {group}: all of its routers are {Word(to)}", [new(SyncGroup, group), new(To, Word(to))]);

    public static DirectorEvent Rival(string router, in ElectionOutput rival)
    {
        var outcome = rival.Verdict == RivalVerdict.Yields ? "this router stays master and announces its addresses again" : "this router gives way to the higher address";
        var text = rival.TwoOwners
            ? $"{router}: {rival.Peer} says that it owns the addresses too (priority 255): one router at most may be their owner; {outcome}"
            : $"{router}: {rival.Peer} (priority {rival.Priority}) was master at the same time, as after a partition of the network; {outcome}";
        return new(EventKinds.VrrpRival, text, [new(Router, router), new(Peer, $"{rival.Peer}"), new(Priority, rival.Priority), new(Why, rival.TwoOwners ? "two-owners" : Id(rival.Verdict))]);
    }

    public static DirectorEvent RivalGone(string router, WireAddress peer) =>
        new(EventKinds.VrrpRivalGone, $"{router}: {peer} is no master any more", [new(Router, router), new(Peer, peer.ToString())]);

    public static DirectorEvent Late(string router, TimeSpan by) =>
        new(EventKinds.VrrpLate, $"{router}: served {Duration.Text(TimeSpan.FromMilliseconds(Math.Ceiling(by.TotalMilliseconds)))} too late, by load, a stopped process or a sleeping machine; it listens before it acts", [new(Router, router), new(Seconds, by.TotalSeconds)]);

    public static DirectorEvent Refused(string router, WireAddress sender, VrrpRefusal cause) =>
        new(EventKinds.VrrpRefused, $"{router}: advertisements of {sender} are refused: {Words(cause)}", [new(Router, router), new(Peer, sender.ToString()), new(Reason, Id(cause))]);

    public static DirectorEvent Remark(string router, WireAddress sender, VrrpRemarks remark) =>
        new(EventKinds.VrrpRemark, $"{router}: {sender} {Words(remark)}", [new(Router, router), new(Peer, sender.ToString()), new(Reason, Id(remark))]);

    public static DirectorEvent PriorityChanged(string router, EffectivePriority priority) =>
        new(EventKinds.VrrpPriority, $"{router}: priority {priority}", [new(Router, router), new(Priority, priority.Value)]);

    public static DirectorEvent AddressPutBack(string router, string address, string device) =>
        new(EventKinds.VrrpAddress, $"{router}: somebody removed {address} from {device}; it is put back", [new(Router, router), new(Address, address), new(Interface, device)]);

    public static DirectorEvent Trouble(string router, string what) => new(EventKinds.VrrpTrouble, $"{router}: {what}", [new(Router, router), new(Reason, what)]);

    /// <summary><c>master</c>, <c>backup</c>, ...; <c>stopped</c> where it has not begun.</summary>
    public static string Word(VrrpState state) => state == VrrpState.Initialize ? "stopped" : Id(state);

    /// <summary>An enumeration's name as machines get it: <c>master-silent</c>.</summary>
    public static string Id<T>(T value)
        where T : struct, Enum
    {
        var text = new System.Text.StringBuilder();
        foreach (var letter in value.ToString())
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(letter));
        }
        return text.ToString();
    }

    static string Words(in ElectionOutput change) => change.Why switch
    {
        TransitionReason.Started => "as it starts",
        TransitionReason.Stopped => "as it is told to stop",
        TransitionReason.Owner => "as it owns the addresses",
        TransitionReason.NoMaster => "as no master was heard",
        TransitionReason.MasterSilent => $"as {Who(change)} is silent",
        TransitionReason.MasterLeft => $"as {Who(change)} leaves",
        TransitionReason.Preempting => $"as {Who(change)} has the lower priority",
        TransitionReason.Outranked => $"as {Who(change)} has the higher priority",
        TransitionReason.TieLost => $"as {Who(change)} has the same priority and the higher address",
        TransitionReason.Late => "as it was too late to be believed any more",
        TransitionReason.FaultBegan => "as it has a fault",
        TransitionReason.FaultEnded => "as its fault is over",
        TransitionReason.HandOver => "as an operator wants another router to be master",
        TransitionReason.Group => "as its sync group does",
        TransitionReason.SuccessorHeard => $"as {Who(change)} has taken over",
        TransitionReason.NobodyTookOver => "as nobody took over",
        _ => Id(change.Why),
    };

    static string Who(in ElectionOutput change) =>
        change.Peer is { } peer ? string.Create(CultureInfo.InvariantCulture, $"{peer}{(change.Priority > 0 ? $" (priority {change.Priority})" : "")}") : "the master";

    /// <summary>What was wrong with an advertisement, and where that helps, what to do.</summary>
    public static string Words(VrrpRefusal cause) => cause switch
    {
        VrrpRefusal.NoAuthenticationHeader => "they have no authentication header (AH), and ours wants one",
        VrrpRefusal.UnwantedAuthenticationHeader => "they have an authentication header (AH), and ours wants none",
        VrrpRefusal.TooShort => "they are too short",
        VrrpRefusal.HopLimit => "they come from another network (their TTL is not 255, or lower than min-ttl)",
        VrrpRefusal.Version => "they are of another version of VRRP: say the same version on both",
        VrrpRefusal.AuthenticationHeader => "their authentication header is not one for VRRP",
        VrrpRefusal.AuthenticationCode => "they were made with another password",
        VrrpRefusal.Replay => "their sequence number did not rise: old ones are sent again, or the sender forgot its count",
        VrrpRefusal.AuthenticationType => "they are of another type of authentication",
        VrrpRefusal.Password => "they have another password",
        VrrpRefusal.Interval => "their interval is not ours, as version 2 wants it",
        VrrpRefusal.Type => "they are no advertisements",
        VrrpRefusal.AddressCount => "they have no addresses, or more bytes than they explain",
        VrrpRefusal.Checksum => "their checksum is wrong",
        VrrpRefusal.Mode => "they are multicast and ours is unicast, or the other way round",
        VrrpRefusal.OwnAddress => "they come from our own address: another host has it too",
        VrrpRefusal.UnknownPeer => "it is none of the peers: add it to them, or stop it",
        _ => Id(cause),
    };

    static string Words(VrrpRemarks remark) => remark switch
    {
        VrrpRemarks.Addresses => "advertises other addresses than ours; that is well while a change is rolled out, and a mistake afterwards",
        VrrpRemarks.Interval => "has another interval than ours; a backup goes by the master's",
        _ => "sums the checksum the other way (pseudo header); both are accepted",
    };
}
