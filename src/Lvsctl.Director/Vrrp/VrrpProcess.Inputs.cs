using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Core.Vrrp;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;
using Lvsctl.Linux.Sockets;
using Lvsctl.Linux.Vrrp;

namespace Lvsctl.Director.Vrrp;

// Adverts, the network, and what is tracked.
public sealed partial class VrrpProcess
{
    static readonly VrrpRemarks[] s_remarks = [VrrpRemarks.Addresses, VrrpRemarks.Interval, VrrpRemarks.ChecksumForm];

    readonly Lateness _lateness = new();
    readonly OwnersWay _ownersWay;

    void Receive(Port port)
    {
        for (var i = 0; i < MostAtOnce; i++)
        {
            if (!port.Socket.TryReceive(_packet, out var datagram, out var errno))
            {
                // Whatever else waits comes with the next readiness; a device that went away says so once.
                if (errno != Errno.OK) return;
                continue;
            }
            if (!datagram.TryPeekRouterId(out var id) || !port.TryFind(id, datagram.Destination, out var router)) continue;
            Hear(router.Set, router.Router, datagram);
        }
    }

    void Hear(RouterSet set, int router, in ReceivedDatagram datagram)
    {
        var run = set.Runs[router];
        if (run.Source is null) return;
        var refusal = run.Receiver.Receive(datagram, out var advert, out var remarks);
        if (refusal != VrrpRefusal.None)
        {
            if (run.Ledger.Count(refusal, datagram.Source)) Tell(VrrpEvents.Refused(run.Name, datagram.Source, refusal));
            return;
        }
        var now = Now;
        run.Counters.Received++;
        run.Heard(datagram.Source, advert.Priority, now);
        if (advert.Priority == VrrpAdvertisement.PriorityOwner) LetOwnerIn(run, advert.Priority);
        if (remarks != VrrpRemarks.None) Remark(run, run.Ledger.Count(remarks, datagram.Source), datagram.Source);
        set.Elections.Step(router, ElectionInput.Advert(datagram.Source, advert.Priority, advert.Interval), now, _outputs);
        CarryOut(set);
    }

    void LetOwnerIn(RouterRun run, byte? heard)
    {
        if (!OwnersWay.IsNeeded(run.Part, heard) || !_ownersWay.IsNew(run.Part.Spec.Interface)) return;
        if (_ownersWay.Open(run.Part.Spec.Interface) is { } trouble) Tell(VrrpEvents.Trouble(run.Name, trouble));
        else _reader.Do(_ownersWay.Note);
    }

    void Remark(RouterRun run, VrrpRemarks news, WireAddress sender)
    {
        foreach (var one in s_remarks)
        {
            if ((news & one) != 0) Tell(VrrpEvents.Remark(run.Name, sender, one));
        }
    }

    void ReadChanges()
    {
        _changes.Clear();
        _monitor.Read(_changes);
        foreach (var change in _changes)
        {
            if (change.Kind == RouteChangeKind.Unknown)
            {
                Resynchronise();
                continue;
            }
            _network.Take(change);
        }
        Relook();
        foreach (var change in _changes)
        {
            if (change.Kind == RouteChangeKind.AddressRemoved && !IsOwnRemoval(change.Address!)) Miss(change.Address!);
        }
    }

    void Resynchronise()
    {
        _ownRemovals.Clear();
        try
        {
            _network.Refresh();
        }
        catch (Exception e) when (e is AddressException or NetlinkException)
        {
            Tell(DirectorEvents.Warning($"the devices and addresses of this host cannot be read: {e.Message}"));
        }
        foreach (var set in Sets())
        {
            for (var i = 0; i < set.Runs.Count; i++)
            {
                var run = set.Runs[i];
                for (var a = 0; run.Election.HoldsAddresses && a < run.Addresses.Count; a++)
                {
                    var address = run.Addresses[a];
                    if (_network.Find(address.Device) is { } link && !_network.Has(link.Index, address.Address)) Step(set, i, ElectionInput.AddressLost(a));
                }
            }
        }
    }

    bool IsOwnRemoval(LinkAddress address)
    {
        var key = (address.LinkIndex, address.Address);
        if (!_ownRemovals.TryGetValue(key, out var times)) return false;
        if (times == 1) _ownRemovals.Remove(key);
        else _ownRemovals[key] = times - 1;
        return true;
    }

    void Miss(LinkAddress gone)
    {
        foreach (var set in Sets())
        {
            for (var i = 0; i < set.Runs.Count; i++)
            {
                var run = set.Runs[i];
                for (var a = 0; run.Election.HoldsAddresses && a < run.Addresses.Count; a++)
                {
                    var address = run.Addresses[a];
                    if (!address.Address.Equals(gone.Address) || address.PrefixLength != gone.PrefixLength || _network.Find(address.Device)?.Index != gone.LinkIndex) continue;
                    Tell(VrrpEvents.AddressPutBack(run.Name, address.ToString(), address.Device));
                    Step(set, i, ElectionInput.AddressLost(a));
                }
            }
        }
    }

    // Where one that leaves and one that stays have the same id, what is heard is for the latter.
    IEnumerable<RouterSet> Sets() => _leaving.Prepend(_live);

    /// <summary>The network changed: every router looks where it speaks from, and what its interfaces are worth.</summary>
    void Relook()
    {
        var isRewired = false;
        foreach (var set in Sets())
        {
            for (var i = 0; i < set.Runs.Count; i++)
            {
                var run = set.Runs[i];
                var isNew = Look(run);
                isRewired |= isNew || (run.Port is null && run.Source is not null);
                if (!isNew) continue;
                set.Elections.Reload(i, run.Settings, [], Now, _outputs);
                CarryOut(set);
            }
        }
        if (isRewired) OpenPorts();
        foreach (var set in Sets())
        {
            for (var i = 0; i < set.Runs.Count; i++) Weigh(set, i);
        }
    }

    /// <returns>True: it speaks from elsewhere now.</returns>
    bool Look(RouterRun run)
    {
        var link = _network.Find(run.Part.Spec.Interface);
        var source = _network.SourceOf(run.Part, address => _part.Routers.Any(r => r.Addresses.Any(a => a.Address.Equals(address))));
        for (var i = 0; i < run.Standings.Length; i++)
        {
            if (run.Standings[i].Spec is TrackSpec.Interface tracked) run.Standings[i] = run.Standings[i] with { IsWell = _network.IsWell(tracked.Name) };
        }
        // Without a source it has a fault; its last words still leave from the old one.
        if (source is null || (source.Equals(run.Source) && link?.Index == run.Link?.Index && Equals(link?.Card, run.Link?.Card)))
        {
            run.IsReachable = source is not null && _network.IsWell(run.Part.Spec.Interface);
            return false;
        }
        run.Rewire(source, link);
        LetOwnerIn(run, null);
        run.IsReachable = _network.IsWell(run.Part.Spec.Interface);
        return true;
    }

    /// <summary>What is tracked makes the priority; the election is told where that changed.</summary>
    void Weigh(RouterSet set, int router)
    {
        var run = set.Runs[router];
        var priority = EffectivePriority.Of(run.Part.Priority, run.Standings, run.IsReachable && run.Port is not null);
        var (value, fault) = (run.Effective.Value, run.Effective.Fault);
        run.Effective = priority;
        if (run.IsWeighed && value == priority.Value && fault == priority.Fault) return;
        if (run.IsWeighed) Tell(VrrpEvents.PriorityChanged(run.Name, priority));
        run.IsWeighed = true;
        Step(set, router, ElectionInput.Fitness(priority.Value, priority.Fault));
    }

    void Standing(TrackSpec spec, bool? isWell)
    {
        foreach (var set in Sets())
        {
            for (var i = 0; i < set.Runs.Count; i++)
            {
                var standings = set.Runs[i].Standings;
                for (var t = 0; t < standings.Length; t++)
                {
                    if (standings[t].Spec == spec) standings[t] = standings[t] with { IsWell = isWell };
                }
                Weigh(set, i);
            }
        }
    }

    /// <summary>A socket for every interface and kind of packet that some router needs, and no other.</summary>
    void OpenPorts()
    {
        _portsRetryAt = TimeSpan.MaxValue;
        var wanted = new Dictionary<PortKey, List<(RouterSet, int)>>();
        foreach (var set in Sets())
        {
            for (var i = 0; i < set.Runs.Count; i++)
            {
                var run = set.Runs[i];
                run.Port = null;
                if (run.Source is null || run.Link is null) continue;
                var isUnicast = run.Part.Spec.Unicast is not null;
                var key = new PortKey(run.Part.Family, run.Protocol, isUnicast ? null : run.Link.Name, isUnicast ? 0 : run.Link.Index);
                if (!wanted.TryGetValue(key, out var routers)) wanted[key] = routers = [];
                routers.Add((set, i));
            }
        }
        foreach (var (token, port) in _ports)
        {
            port.Routers.Clear();
            if (wanted.ContainsKey(port.Key)) continue;
            port.Socket.Dispose();
            _ports.Remove(token);
        }
        foreach (var (key, routers) in wanted)
        {
            var port = _ports.Values.FirstOrDefault(p => p.Key == key);
            try
            {
                port ??= OpenPort(key);
            }
            catch (IOException e)
            {
                // Without it a router neither hears nor is heard, which is a fault like that of its interface.
                foreach (var (set, router) in routers) Complain(set.Runs[router], e.Message);
                _portsRetryAt = Now + s_retry;
                continue;
            }
            foreach (var each in routers)
            {
                port.Routers.Add(each);
                var run = each.Item1.Runs[each.Item2];
                run.Port = port;
                if (run.Missing.Count == 0) run.Trouble = null;
            }
        }
    }

    void RetryPorts()
    {
        OpenPorts();
        foreach (var set in Sets())
        {
            for (var i = 0; i < set.Runs.Count; i++) Weigh(set, i);
        }
    }

    Port OpenPort(PortKey key)
    {
        var port = new Port(key, VrrpSocket.Open(key.Family, key.Protocol, key.Interface, key.Index));
        _ports[_nextToken] = port;
        _poller.Add(port.Socket.Descriptor, PollEvents.Readable, _nextToken++);
        return port;
    }
}
