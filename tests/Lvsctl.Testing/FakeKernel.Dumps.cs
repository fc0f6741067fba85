using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Testing;

public sealed partial class FakeKernel
{
    Errno Dump(FakeRequest request)
    {
        switch (request.Command)
        {
            case 4:
                BeforeServiceDump?.Invoke();
                foreach (var service in Services)
                {
                    request.Answers.Add(ServiceMessage(request.Sequence, service));
                    if (RepeatsInDumps) request.Answers.Add(ServiceMessage(request.Sequence, service));
                }
                return Errno.OK;
            case 8:
                // Without a service, or with one that is missing: an empty list, no error.
                if (request.Nested(1) is { } identity && ReadKey(identity, out var key) == Errno.OK && Services.Find(s => s.Service.Key == key) is { } found)
                    request.Answers.AddRange(found.Servers.Select(server => ServerMessage(request.Sequence, server)));
                return Errno.OK;
            case 11:
                request.Answers.AddRange(Daemons.Select(daemon => DaemonMessage(request.Sequence, daemon)));
                return Errno.OK;
            default:
                return Errno.EOPNOTSUPP;
        }
    }

    byte[] ServiceMessage(uint sequence, FakeService fake)
    {
        var service = fake.Service;
        var flags = Bytes.Join(Bytes.I32((int)(service.Flags | ServiceFlags.Hashed)), Bytes.I32(-1));
        List<byte[]> attributes = [Bytes.U16(1, (ushort)service.Key.Family)];
        if (service.Key.IsFirewallMark) attributes.Add(Bytes.U32(5, service.Key.FirewallMark));
        else attributes.AddRange([Bytes.U16(2, (ushort)service.Key.Protocol), Bytes.Attribute(3, Padded(service.Key.Address)), Bytes.Be16(4, service.Key.Port)]);
        attributes.Add(Bytes.Text(6, service.Scheduler));
        if (service.PersistenceEngine is { } engine) attributes.Add(Bytes.Text(11, engine));
        attributes.Add(Bytes.Attribute(7, flags));
        attributes.Add(Bytes.U32(8, service.PersistenceTimeout));
        attributes.Add(Bytes.U32(9, service.Key.Family == IpFamily.IPv4 ? System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(service.Netmask) : service.Netmask));
        AddStatistics(attributes, fake.Statistics);
        return Bytes.Message(FamilyId, 2, sequence, [1, 1, 0, 0], Bytes.Nested(1, [.. attributes]));
    }

    byte[] ServerMessage(uint sequence, ObservedServer observed)
    {
        var server = observed.Server;
        List<byte[]> attributes =
        [
            Bytes.Attribute(1, Padded(server.Key.Address)),
            Bytes.Be16(2, server.Key.Port),
            Bytes.U32(3, (uint)server.Forward),
            Bytes.U32(4, (uint)server.Weight),
            Bytes.U8(13, (byte)server.Tunnel.Type),
            Bytes.Be16(14, server.Tunnel.Port),
            Bytes.U16(15, (ushort)server.Tunnel.Checksum),
            Bytes.U32(5, server.UpperThreshold),
            Bytes.U32(6, server.LowerThreshold),
            Bytes.U32(7, observed.ActiveConnections),
            Bytes.U32(8, observed.InactiveConnections),
            Bytes.U32(9, observed.PersistentConnections),
        ];
        if (SendsServerFamily) attributes.Add(Bytes.U16(11, (ushort)server.Key.Address.Family()));
        AddStatistics(attributes, observed.Statistics);
        return Bytes.Message(FamilyId, 2, sequence, [5, 1, 0, 0], Bytes.Nested(2, [.. attributes]));
    }

    void AddStatistics(List<byte[]> attributes, TrafficStatistics s)
    {
        ulong[] values = [s.Connections, s.InPackets, s.OutPackets, s.InBytes, s.OutBytes,
            s.ConnectionsPerSecond, s.InPacketsPerSecond, s.OutPacketsPerSecond, s.InBytesPerSecond, s.OutBytesPerSecond];
        // Bytes are 64 bits wide in both forms; all else is cut to 32 in the old one.
        attributes.Add(Bytes.Nested(10, [.. values.Select((v, i) => i is 3 or 4 ? Bytes.U64(i + 1, v) : Bytes.U32(i + 1, (uint)v))]));
        if (SendsStats64) attributes.Add(Bytes.Nested(12, [.. values.SelectMany((v, i) => new[] { Bytes.U64(i + 1, v), Bytes.Attribute(11) })]));
    }

    byte[] DaemonMessage(uint sequence, SyncDaemon daemon) =>
        Bytes.Message(FamilyId, 2, sequence, [9, 1, 0, 0], Bytes.Nested(3,
            Bytes.U32(1, (uint)daemon.State), Bytes.Text(2, daemon.Interface), Bytes.U32(3, daemon.SyncId), Bytes.U16(4, daemon.MaxMessageLength),
            Bytes.Attribute(daemon.Group!.Family() == IpFamily.IPv4 ? 5 : 6, daemon.Group!.GetAddressBytes()), Bytes.U16(7, daemon.Port), Bytes.U8(8, daemon.Ttl)));

    static byte[] Padded(IPAddress address)
    {
        var bytes = new byte[16];
        address.TryWriteBytes(bytes, out _);
        return bytes;
    }
}
