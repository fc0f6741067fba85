using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Neighbors;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Director.Vrrp;

// What the election wants done.
public sealed partial class VrrpProcess
{
    void CarryOut(RouterSet set)
    {
        // None of it steps the election again, so the list does not grow meanwhile.
        foreach (var (router, output) in _outputs) CarryOut(set.Runs[router], output);
        TellGroups(set);
        if (_outputs.Exists(o => o.Output.Kind is ElectionOutputKind.Transition or ElectionOutputKind.ConnectionSync)) SyncConnections();
        _outputs.Clear();
    }

    // Not every step on the way there: a group that is on its way is in no state.
    void TellGroups(RouterSet set)
    {
        foreach (var (router, output) in _outputs)
        {
            if (output.Kind != ElectionOutputKind.Transition || set.Runs[router].Part.Spec.SyncGroup is not { } group) continue;
            if (set != _live && _live.Runs.Any(r => r.Part.Spec.SyncGroup == group)) continue;
            var state = set.Runs[router].Election.State;
            if (state == _groupStates.GetValueOrDefault(group) || set.Runs.Any(r => r.Part.Spec.SyncGroup == group && r.Election.State != state)) continue;
            _groupStates[group] = state;
            Tell(VrrpEvents.GroupTransition(group, state));
        }
    }

    void CarryOut(RouterRun run, in ElectionOutput output)
    {
        switch (output.Kind)
        {
            case ElectionOutputKind.SendAdvert:
                Send(run, output.Priority);
                break;
            case ElectionOutputKind.AddAddresses:
                AddAddresses(run);
                break;
            case ElectionOutputKind.RemoveAddresses:
                RemoveAddresses(run);
                break;
            case ElectionOutputKind.Announce:
                Announce(run, output.Index);
                break;
            case ElectionOutputKind.Transition:
                run.Counters.Transitions++;
                if (output.To == VrrpState.Master) run.Counters.TimesMaster++;
                run.Ledger.Reset();
                if (!HasHeir(run, output.To)) Tell(VrrpEvents.Transition(run.Name, output, run.Election.Priority, run.Part.Spec.SyncGroup));
                if (_stopBy == TimeSpan.MaxValue) ShowStatus();
                break;
            case ElectionOutputKind.Rival:
                run.Counters.Rivals++;
                // Whoever is better and preempts is master beside us for a moment, in all order.
                if (output.Verdict == RivalVerdict.Preempts && !output.TwoOwners) break;
                run.Rivals.Add(output.Peer!.Value);
                Tell(VrrpEvents.Rival(run.Name, output));
                break;
            case ElectionOutputKind.RivalGone:
                if (run.Rivals.Remove(output.Peer!.Value)) Tell(VrrpEvents.RivalGone(run.Name, output.Peer.Value));
                break;
            case ElectionOutputKind.Late:
                run.Counters.Late++;
                Tell(VrrpEvents.Late(run.Name, output.By));
                break;
        }
    }

    // Another id is another router, but the same one to people: the old one's end is not the last that they hear of it.
    bool HasHeir(RouterRun run, VrrpState to) => to == VrrpState.Initialize && !_live.Runs.Contains(run) && _live.Runs.Any(r => r.Name == run.Name);

    void Send(RouterRun run, byte priority)
    {
        // It was told why it has none.
        if (run.Port is null) return;
        string? trouble = null;
        if (run.Wire.Peers is { } peers)
        {
            // One that cannot be reached keeps nothing from the others, and is told once for all of them.
            foreach (var peer in peers) trouble = Send(run, priority, peer) ?? trouble;
        }
        else
        {
            trouble = Send(run, priority, WireAddress.Group(run.Wire.Family));
        }
        // A device that is down refuses every packet, which its fault says already.
        if (trouble is not null && run.IsReachable) Complain(run, trouble);
        else if (trouble is null && run.Missing.Count == 0) run.Trouble = null;
    }

    /// <returns>Why it was not sent; null: it was, or there is nothing to send by.</returns>
    string? Send(RouterRun run, byte priority, WireAddress to)
    {
        if (run.Port is not { } port || run.Link is not { } link) return null;
        var packet = _packet.AsSpan(0, run.Transmitter.Length);
        run.Transmitter.Write(priority, to, packet);
        // A peer that is reached by route is reached through whatever interface that says.
        var errno = port.Socket.Send(packet, run.Wire.Source, to, port.Key.Interface is null && !to.ToIPAddress().IsIPv6LinkLocal ? 0 : link.Index);
        if (errno == Errno.OK) run.Counters.Sent++;
        else run.Counters.SendFailures++;
        return errno == Errno.OK ? null : $"cannot send an advertisement to {to}: {ErrnoText.Describe(errno)}";
    }

    void Complain(RouterRun run, string trouble)
    {
        if (run.Trouble == trouble) return;
        run.Trouble = trouble;
        Tell(VrrpEvents.Trouble(run.Name, trouble));
    }

    void AddAddresses(RouterRun run)
    {
        run.Missing.Clear();
        run.RetryAt = TimeSpan.MaxValue;
        var troubles = new List<string>();
        for (var i = 0; i < run.Addresses.Count; i++)
        {
            if (Add(run, i) is not { } trouble) continue;
            run.Missing.Add(i);
            troubles.Add(trouble);
        }
        if (troubles.Count == 0) return;
        run.RetryAt = Now + s_retry;
        Complain(run, string.Join("; ", troubles.Distinct()));
    }

    /// <returns>Why it is not there; null: it is.</returns>
    string? Add(RouterRun run, int index)
    {
        var address = run.Addresses[index];
        // An owner's may be its host's own address, which was there before and stays.
        if (address.Address.Equals(run.Source)) return null;
        if (_network.Find(address.Device) is not { } link) return $"cannot add {address}: there is no interface {address.Device}";
        try
        {
            _client.Add(new(link.Index, address.Address, address.PrefixLength) { Label = run.Part.Addresses[index].Label, IsDeprecated = true }, address.Device);
            return null;
        }
        catch (Exception e) when (e is AddressException or NetlinkException or IOException)
        {
            return e.Message;
        }
    }

    void Retry(RouterSet set, int router)
    {
        var run = set.Runs[router];
        var missing = run.Missing.ToList();
        AddAddresses(run);
        // Those that came are announced.
        foreach (var index in missing.Where(i => !run.Missing.Contains(i))) Step(set, router, ElectionInput.AddressLost(index));
    }

    void RemoveAddresses(RouterRun run)
    {
        run.Missing.Clear();
        run.RetryAt = TimeSpan.MaxValue;
        foreach (var address in run.Addresses)
        {
            if (!address.Address.Equals(run.Source) && !IsHeld(address, run)) Remove(run.Name, address);
        }
    }

    /// <summary>Some other router is master with it: after a reload that may be another than the one it belonged to.</summary>
    bool IsHeld(OwnAddress address, RouterRun? but = null) => Sets().Any(s => s.Runs.Any(r => r != but && r.Election.HoldsAddresses && r.Addresses.Contains(address)));

    void Remove(string router, OwnAddress address)
    {
        if (_network.Find(address.Device) is not { } link) return;
        try
        {
            if (!_client.Remove(new(link.Index, address.Address, address.PrefixLength), address.Device)) return;
            var key = (link.Index, address.Address);
            _ownRemovals[key] = _ownRemovals.GetValueOrDefault(key) + 1;
        }
        catch (Exception e) when (e is AddressException or NetlinkException)
        {
            Tell(VrrpEvents.Trouble(router, e.Message));
        }
    }

    void Announce(RouterRun run, int index)
    {
        // Nobody is drawn to an address that is not here.
        if (run.Missing.Contains(index)) return;
        var address = run.Addresses[index];
        if (_network.Find(address.Device) is not { IsNoArp: false, Card: { } card } link) return;
        var isIPv6 = address.Address.Family() == IpFamily.IPv6;
        var length = NeighborFrame.Write(WireAddress.Of(address.Address), card, isIPv6 && Forwards(address.Device), _frame);
        if (_neighbors.Send(_frame.AsSpan(0, length), link.Index) == Errno.OK) run.Counters.Announcements++;
    }

    static bool Forwards(string device)
    {
        try
        {
            return File.ReadAllText($"/proc/sys/net/ipv6/conf/{device}/forwarding").StartsWith('1');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // The kernel has one pair of daemons for all routers: whoever is master tells of its connections.
    void SyncConnections()
    {
        RouterRun? speaker = null;
        foreach (var run in _live.Runs)
        {
            if (run.Part.Spec.SyncConnections is not null && (speaker is null || (run.Election.HoldsAddresses && !speaker.Election.HoldsAddresses))) speaker = run;
        }
        SyncConnections(speaker?.Part.Spec, speaker?.Election.HoldsAddresses == true ? VrrpState.Master : VrrpState.Backup);
    }

    /// <param name="spec">Null: nobody wants it (any more).</param>
    void SyncConnections(VrrpRouterSpec? spec, VrrpState role)
    {
        var wanted = spec is null ? null : new ConnectionSyncRole(spec.Name, spec.Interface, spec.Id, spec.SyncConnections!, role);
        if (wanted == _syncRole) return;
        var turn = wanted ?? _syncRole! with { Role = VrrpState.Initialize };
        _syncRole = wanted;
        Sync(turn);
    }

    void Sync(ConnectionSyncRole turn)
    {
        _syncRetryAt = TimeSpan.MaxValue;
        _syncer.Do(() =>
        {
            var trouble = _connections.Turn(turn);
            Post(() => EndSync(turn, trouble));
        });
    }

    void EndSync(ConnectionSyncRole turn, string? trouble)
    {
        if (trouble is not null && trouble != _syncTrouble) Tell(VrrpEvents.Trouble(turn.Router, $"connections are not synchronised: {trouble}"));
        _syncTrouble = trouble;
        // The interface may not be up yet, nor the module there.
        if (trouble is not null && turn == _syncRole) _syncRetryAt = Now + s_retry;
    }

    void ShowStatus() => _host.Manager.Status(Summary());

    string Summary() => $"VRRP as {_part.Who}: {string.Join(", ", _live.Runs.Select(r => $"{r.Name} {VrrpEvents.Word(r.Election.State)}"))}";
}
