using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Testing;

public sealed partial class FakeKernel
{
    Errno Do(FakeRequest request)
    {
        switch (request.Command)
        {
            case 15:
                request.Answers.Add(Bytes.Message(FamilyId, 0, request.Sequence, [14, 1, 0, 0], Bytes.U32(1, 0x010201), Bytes.U32(2, ConnectionTableSize)));
                return Errno.OK;
            case 13:
                request.Answers.Add(Bytes.Message(FamilyId, 0, request.Sequence, [12, 1, 0, 0],
                    Bytes.U32(4, Timeouts.Tcp), Bytes.U32(5, Timeouts.TcpFin), Bytes.U32(6, Timeouts.Udp)));
                return Errno.OK;
            case 12: return SetTimeouts(request);
            case 17:
                Services.Clear();
                return Errno.OK;
            case 9 or 10: return ChangeDaemon(request);
            case 16 when !request.Attributes.ContainsKey(1):
                Services.ForEach(Zero);
                return Errno.OK;
            case 1 or 2 or 3 or 4 or 16: return DoService(request);
            case 5 or 6 or 7: return DoServer(request);
            default: return Errno.EOPNOTSUPP;
        }
    }

    Errno SetTimeouts(FakeRequest request)
    {
        uint Value(int type, uint now) => request.Attributes.TryGetValue(type, out var bytes) && Bytes.ReadU32(bytes) is not 0 and var value ? value : now;
        Timeouts = new(Value(4, Timeouts.Tcp), Value(5, Timeouts.TcpFin), Value(6, Timeouts.Udp));
        return Errno.OK;
    }

    Errno DoService(FakeRequest request)
    {
        if (request.Nested(1) is not { } attributes) return Errno.EINVAL;
        var errno = ReadKey(attributes, out var key);
        if (errno != Errno.OK) return errno;
        var service = Services.Find(s => s.Service.Key == key);
        switch (request.Command)
        {
            case 1 or 2:
                errno = ReadService(attributes, key, service?.Service, out var wanted);
                if (errno != Errno.OK) return errno;
                if (request.Command == 1)
                {
                    if (service is not null) return Errno.EEXIST;
                    if (!HasNames(wanted)) return Errno.ENOENT;
                    Services.Add(new FakeService { Service = wanted });
                    return Errno.OK;
                }
                if (service is null) return Errno.ESRCH;
                if (!HasNames(wanted)) return Errno.ENOENT;
                service.Service = wanted;
                return Errno.OK;
            case 3:
                return service is not null && Services.Remove(service) ? Errno.OK : Errno.ESRCH;
            case 4:
                if (service is null) return Errno.ESRCH;
                request.Answers.Add(ServiceMessage(request.Sequence, service));
                return Errno.OK;
            default:
                if (service is null) return Errno.ESRCH;
                Zero(service);
                return Errno.OK;
        }
    }

    bool HasNames(VirtualService service) => Schedulers.Contains(service.Scheduler) && service.PersistenceEngine is null or "sip";

    static void Zero(FakeService service)
    {
        service.Statistics = default;
        for (var i = 0; i < service.Servers.Count; i++) service.Servers[i] = service.Servers[i] with { Statistics = default };
    }

    static Errno ReadKey(Dictionary<int, byte[]> attributes, out ServiceKey key)
    {
        key = default;
        if (!attributes.TryGetValue(1, out var af)) return Errno.EINVAL;
        var family = (IpFamily)Bytes.ReadU16(af);
        if (family is not (IpFamily.IPv4 or IpFamily.IPv6)) return Errno.EAFNOSUPPORT;
        if (attributes.TryGetValue(5, out var mark) && Bytes.ReadU32(mark) != 0)
        {
            key = ServiceKey.Marked(Bytes.ReadU32(mark), family);
            return Errno.OK;
        }
        if (!attributes.TryGetValue(2, out var protocol) || !attributes.TryGetValue(3, out var address) || !attributes.TryGetValue(4, out var port)) return Errno.EINVAL;
        key = ServiceKey.At((TransportProtocol)Bytes.ReadU16(protocol), new IPAddress(address.AsSpan(0, family == IpFamily.IPv4 ? 4 : 16)), Bytes.ReadBe16(port));
        return Errno.OK;
    }

    static Errno ReadService(Dictionary<int, byte[]> attributes, ServiceKey key, VirtualService? old, out VirtualService service)
    {
        service = new VirtualService(key);
        if (!attributes.TryGetValue(6, out var scheduler) || !attributes.TryGetValue(7, out var flags)) return Errno.EINVAL;
        if (!attributes.TryGetValue(8, out var timeout) || !attributes.TryGetValue(9, out var netmask)) return Errno.EINVAL;
        if (scheduler.Length > 16 || scheduler[^1] != 0 || flags.Length != 8) return Errno.EINVAL;
        var mask = key.Family == IpFamily.IPv4 ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(netmask) : Bytes.ReadU32(netmask);
        if (key.Family == IpFamily.IPv6 && mask is < 1 or > 128) return Errno.EINVAL;
        var flagsMask = (ServiceFlags)Bytes.ReadU32(flags[4..]);
        service = service with
        {
            Scheduler = System.Text.Encoding.UTF8.GetString(scheduler.AsSpan(0, scheduler.Length - 1)),
            Flags = ((old?.Flags ?? 0) & ~flagsMask) | ((ServiceFlags)Bytes.ReadU32(flags) & flagsMask),
            PersistenceTimeout = Bytes.ReadU32(timeout),
            Netmask = mask,
            PersistenceEngine = attributes.TryGetValue(11, out var engine) ? System.Text.Encoding.UTF8.GetString(engine.AsSpan(0, engine.Length - 1)) : null,
        };
        return Errno.OK;
    }

    Errno DoServer(FakeRequest request)
    {
        if (request.Nested(1) is not { } identity) return Errno.EINVAL;
        var errno = ReadKey(identity, out var key);
        if (errno != Errno.OK) return errno;
        if (Services.Find(s => s.Service.Key == key) is not { } service) return Errno.ESRCH;
        if (request.Nested(2) is not { } attributes) return Errno.EINVAL;
        if (!attributes.TryGetValue(1, out var address) || !attributes.TryGetValue(2, out var port)) return Errno.EINVAL;
        var family = attributes.TryGetValue(11, out var af) ? (IpFamily)Bytes.ReadU16(af) : key.Family;
        var serverKey = new RealServerKey(new IPAddress(address.AsSpan(0, family == IpFamily.IPv4 ? 4 : 16)), Bytes.ReadBe16(port));
        var place = service.Servers.FindIndex(s => s.Server.Key == serverKey);
        if (request.Command == 7)
        {
            if (place < 0) return Errno.ENOENT;
            service.Servers.RemoveAt(place);
            return Errno.OK;
        }

        errno = ReadServer(attributes, serverKey, out var server);
        if (errno != Errno.OK) return errno;
        if (family != key.Family && (server.Forward != ForwardingMethod.Tunnel || Daemons.Count > 0)) return Errno.EINVAL;
        if (server.Weight < 0 || server.LowerThreshold > server.UpperThreshold) return Errno.ERANGE;
        if (server.Tunnel is { Type: TunnelType.Gue, Port: 0 }) return Errno.EINVAL;
        if (!IsUnicast(serverKey.Address)) return Errno.EINVAL;
        if (request.Command == 5)
        {
            if (place >= 0) return Errno.EEXIST;
            service.Servers.Insert(0, new ObservedServer(server, 0, 0, 0, default));
            return Errno.OK;
        }
        if (place < 0) return Errno.ENOENT;
        service.Servers[place] = service.Servers[place] with { Server = server };
        return Errno.OK;
    }

    static Errno ReadServer(Dictionary<int, byte[]> attributes, RealServerKey key, out RealServer server)
    {
        server = new RealServer(key);
        for (var type = 3; type <= 6; type++)
        {
            if (!attributes.ContainsKey(type)) return Errno.EINVAL;
        }
        server = server with
        {
            Forward = (ForwardingMethod)(Bytes.ReadU32(attributes[3]) & 7),
            Weight = (int)Bytes.ReadU32(attributes[4]),
            UpperThreshold = Bytes.ReadU32(attributes[5]),
            LowerThreshold = Bytes.ReadU32(attributes[6]),
            Tunnel = new Tunnel(
                attributes.TryGetValue(13, out var type13) ? (TunnelType)type13[0] : 0,
                attributes.TryGetValue(14, out var port) ? Bytes.ReadBe16(port) : (ushort)0,
                attributes.TryGetValue(15, out var flags) ? (TunnelChecksum)Bytes.ReadU16(flags) : 0),
        };
        return Errno.OK;
    }

    static bool IsUnicast(IPAddress address)
    {
        var bytes = address.GetAddressBytes();
        // A link-local IPv6 address would have to be the host's own, which a fake has none of.
        if (bytes.Length == 16) return bytes[0] != 0xff && !address.IsIPv6LinkLocal && !address.Equals(IPAddress.IPv6Any);
        return bytes[0] is not 0 and < 224;
    }

    Errno ChangeDaemon(FakeRequest request)
    {
        if (request.Nested(3) is not { } attributes || !attributes.TryGetValue(1, out var stateBytes)) return Errno.EINVAL;
        var state = (SyncState)Bytes.ReadU32(stateBytes);
        var runs = Daemons.Find(d => d.State == state);
        if (request.Command == 10) return runs is not null && Daemons.Remove(runs) ? Errno.OK : Errno.ESRCH;

        if (!attributes.TryGetValue(2, out var name) || !attributes.TryGetValue(3, out var id) || state is not (SyncState.Master or SyncState.Backup)) return Errno.EINVAL;
        if (Services.Exists(s => s.Servers.Exists(d => d.Server.Key.Address.AddressFamily != s.Service.Key.Address.AddressFamily))) return Errno.EINVAL;
        var group = attributes.TryGetValue(5, out var v4) ? new IPAddress(v4) : attributes.TryGetValue(6, out var v6) ? new IPAddress(v6) : IPAddress.Parse("224.0.0.81");
        if (group.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6) return Errno.ENETUNREACH;
        if (group.GetAddressBytes()[0] is < 224 or > 239) return Errno.EINVAL;
        var device = System.Text.Encoding.UTF8.GetString(name).TrimEnd('\0');
        if (device is not ("lo" or "eth0")) return Errno.ENODEV;
        if (runs is not null) return Errno.EEXIST;
        Daemons.Add(new SyncDaemon(state, device)
        {
            SyncId = Bytes.ReadU32(id),
            MaxMessageLength = attributes.TryGetValue(4, out var length) ? Bytes.ReadU16(length) : (ushort)1472,
            Group = group,
            Port = attributes.TryGetValue(7, out var port) ? Bytes.ReadU16(port) : (ushort)8848,
            Ttl = attributes.TryGetValue(8, out var ttl) ? ttl[0] : (byte)1,
        });
        Daemons.Sort((a, b) => a.State.CompareTo(b.State));
        return Errno.OK;
    }
}
