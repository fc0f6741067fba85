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
        _outputs.Clear();
    }

    // Not every step on the way there: a group that is on its way is in no state.
    void TellGroups(RouterSet set)
    {
        foreach (var (router, output) in _outputs)
        {
            if (output.Kind != ElectionOutputKind.Transition || set.Runs[router].Part.Spec.SyncGroup is not { } group) continue;
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
                Tell(VrrpEvents.Transition(run.Name, output, run.Election.Priority, run.Part.Spec.SyncGroup));
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
            case ElectionOutputKind.ConnectionSync:
                Sync(run, output.To);
                break;
            case ElectionOutputKind.Late:
                run.Counters.Late++;
                Tell(VrrpEvents.Late(run.Name, output.By));
                break;
        }
    }

    void Send(RouterRun run, byte priority)
    {
        if (run.Wire.Peers is not { } peers)
        {
            Send(run, priority, WireAddress.Group(run.Wire.Family));
            return;
        }
        foreach (var peer in peers) Send(run, priority, peer);
    }

    void Send(RouterRun run, byte priority, WireAddress to)
    {
        if (run.Port is not { } port || run.Link is not { } link) return;
        var packet = _packet.AsSpan(0, run.Transmitter.Length);
        run.Transmitter.Write(priority, to, packet);
        // A peer that is reached by route is reached through whatever interface that says.
        var errno = port.Socket.Send(packet, run.Wire.Source, to, port.Key.Interface is null && !to.ToIPAddress().IsIPv6LinkLocal ? 0 : link.Index);
        if (errno == Errno.OK) run.Counters.Sent++;
        else run.Counters.SendFailures++;
        // A device that is down refuses every packet, which its fault says already.
        if (errno != Errno.OK && run.IsReachable) Complain(run, $"cannot send an advertisement to {to}: {ErrnoText.Describe(errno)}");
        else if (errno == Errno.OK && run.Missing.Count == 0) run.Trouble = null;
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
        for (var i = 0; i < run.Addresses.Count; i++)
        {
            if (!TryAdd(run, i)) run.Missing.Add(i);
        }
        if (run.Missing.Count > 0) run.RetryAt = Now + s_retry;
    }

    bool TryAdd(RouterRun run, int index)
    {
        var address = run.Addresses[index];
        // An owner's may be its host's own address, which was there before and stays.
        if (address.Address.Equals(run.Source)) return true;
        try
        {
            if (_network.Find(address.Device) is not { } link) throw new IOException($"cannot add {address}: there is no interface {address.Device}");
            _client.Add(new(link.Index, address.Address, address.PrefixLength) { Label = run.Part.Addresses[index].Label, IsDeprecated = true }, address.Device);
            return true;
        }
        catch (Exception e) when (e is AddressException or NetlinkException or IOException)
        {
            Complain(run, e.Message);
            return false;
        }
    }

    void Retry(RouterSet set, int router)
    {
        var run = set.Runs[router];
        run.RetryAt = TimeSpan.MaxValue;
        if (run.Missing.FirstOrDefault(-1) is >= 0 and var first) Step(set, router, ElectionInput.AddressLost(first));
    }

    void RemoveAddresses(RouterRun run)
    {
        run.Missing.Clear();
        run.RetryAt = TimeSpan.MaxValue;
        foreach (var address in run.Addresses)
        {
            if (!address.Address.Equals(run.Source)) Remove(run.Name, address);
        }
    }

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

    void Sync(RouterRun run, VrrpState role)
    {
        var spec = run.Part.Spec;
        _syncer.Do(() =>
        {
            if (_connections.Turn(spec, role) is { } trouble) Tell(VrrpEvents.Trouble(spec.Name, $"connections are not synchronised: {trouble}"));
        });
    }

    void ShowStatus() => _host.Manager.Status(Summary());

    string Summary() => $"VRRP as {_part.Who}: {string.Join(", ", _live.Runs.Select(r => $"{r.Name} {VrrpEvents.Word(r.Election.State)}"))}";
}
