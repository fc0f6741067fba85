using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm.Parsing;

sealed partial class CommandLine
{
    /// <summary>31 days, in seconds.</summary>
    const int MaxTimeout = 31 * 24 * 60 * 60;

    /// <summary>Names of schedulers, engines and interfaces are cut to what the kernel takes.</summary>
    const int MaxNameBytes = 15;

    UsageError? Take(Switch found, string argument, bool hasArgument, string word)
    {
        // Every option may be given once, whatever its value; -6 and --sort any number of times.
        if (Subject(found) is { } option)
        {
            if (_given.Has(option)) return UsageError.Invalid($"multiple '{option.Name()}' options specified");
            _given = _given.With(option);
        }

        switch (found)
        {
            case Switch.TcpService: return TakeService(argument, TransportProtocol.Tcp);
            case Switch.UdpService: return TakeService(argument, TransportProtocol.Udp);
            case Switch.SctpService: return TakeService(argument, TransportProtocol.Sctp);
            case Switch.FirewallMark: return TakeFirewallMark(argument);
            case Switch.IPv6: return TakeIPv6();
            case Switch.RealServer: return TakeServer(argument);
            case Switch.Netmask: return TakeNetmask(argument);
            case Switch.Persistent: return TakePersistence(hasArgument ? argument : null);
            case Switch.MulticastGroup: return TakeMulticastGroup(argument);

            case Switch.Scheduler: _scheduler = Cut(argument); return null;
            case Switch.SchedulerFlags: _schedulerFlags = argument; return null;
            case Switch.PersistenceEngine: _engine = Cut(argument); return null;
            case Switch.OnePacket: _flags |= ServiceFlags.OnePacket; return null;
            case Switch.Gatewaying: _forward = ForwardingMethod.DirectRouting; return null;
            case Switch.Ipip: _forward = ForwardingMethod.Tunnel; return null;
            case Switch.Masquerading: _forward = ForwardingMethod.Nat; return null;
            case Switch.MulticastInterface: _interface = Cut(argument); return null;

            case Switch.Weight: return TakeNumber(argument, 0, int.MaxValue, "weight", out _weight);
            case Switch.UpperThreshold: return TakeNumber(argument, 0, int.MaxValue, "u_threshold", out _upperThreshold);
            case Switch.LowerThreshold: return TakeNumber(argument, 0, int.MaxValue, "l_threshold", out _lowerThreshold);
            case Switch.SyncId: return TakeNumber(argument, 0, 255, "syncid", out _syncId);
            case Switch.SyncMaxLength: return TakeNumber(argument, 1, 65507, "sync-maxlen", out _maxLength);
            case Switch.MulticastPort: return TakeNumber(argument, 1, ushort.MaxValue, "mcast-port", out _groupPort);
            case Switch.MulticastTtl: return TakeNumber(argument, 1, byte.MaxValue, "mcast-ttl", out _ttl);
            case Switch.TunnelPort: return TakeNumber(argument, 1, ushort.MaxValue, "tunnel port", out _tunnelPort);

            case Switch.TunnelType:
                if (TunnelNames.Parse(argument) is not { } type) return UsageError.Invalid("illegal tunnel type specified");
                _tunnelType = type;
                return null;
            case Switch.TunnelChecksum: _tunnelChecksum = TunnelChecksum.Checksum; return null;
            case Switch.TunnelRemoteChecksum: _tunnelChecksum = TunnelChecksum.RemoteChecksum; return null;

            case Switch.Help or Switch.Version:
            case var second when second.Command() is not null:
                return UsageError.Invalid($"invalid option `{word}'");

            default: return null;
        }
    }

    static Option? Subject(Switch found) => found switch
    {
        Switch.TcpService or Switch.UdpService or Switch.SctpService or Switch.FirewallMark => Option.Service,
        Switch.Gatewaying or Switch.Ipip or Switch.Masquerading => Option.Forward,
        Switch.Scheduler => Option.Scheduler,
        Switch.SchedulerFlags => Option.SchedulerFlags,
        Switch.Persistent => Option.Persistent,
        Switch.Netmask => Option.Netmask,
        Switch.PersistenceEngine => Option.PersistenceEngine,
        Switch.OnePacket => Option.OnePacket,
        Switch.RealServer => Option.Server,
        Switch.Weight => Option.Weight,
        Switch.UpperThreshold => Option.UpperThreshold,
        Switch.LowerThreshold => Option.LowerThreshold,
        Switch.TunnelType => Option.TunnelType,
        Switch.TunnelPort => Option.TunnelPort,
        Switch.TunnelNoChecksum => Option.TunnelNoChecksum,
        Switch.TunnelChecksum => Option.TunnelChecksum,
        Switch.TunnelRemoteChecksum => Option.TunnelRemoteChecksum,
        Switch.MulticastInterface => Option.MulticastInterface,
        Switch.MulticastGroup => Option.MulticastGroup,
        Switch.MulticastPort => Option.MulticastPort,
        Switch.MulticastTtl => Option.MulticastTtl,
        Switch.SyncId => Option.SyncId,
        Switch.SyncMaxLength => Option.SyncMaxLength,
        Switch.Numeric => Option.Numeric,
        Switch.Connection => Option.Connection,
        Switch.Timeout => Option.Timeout,
        Switch.Daemon => Option.Daemon,
        Switch.Statistics => Option.Statistics,
        Switch.Rate => Option.Rate,
        Switch.Exact => Option.Exact,
        Switch.Thresholds => Option.Thresholds,
        Switch.PersistentConnections => Option.PersistentConnections,
        Switch.TunnelInfo => Option.TunnelInfo,
        Switch.NoSort => Option.NoSort,
        Switch.Json => Option.Json,
        Switch.Full => Option.Full,
        _ => null,
    };

    UsageError? TakeService(string text, TransportProtocol protocol)
    {
        _protocol = protocol;
        if (Endpoint.Parse(text, protocol, _names) is not { } service) return UsageError.Invalid("illegal virtual server address[:port] specified");
        _family = service.Address.Family();
        if (_family == IpFamily.IPv6) _netmask = VirtualService.WholeAddress(IpFamily.IPv6);
        _address = service.Address;
        _port = service.Port ?? 0;
        return null;
    }

    UsageError? TakeFirewallMark(string text)
    {
        if (!DecimalNumber.TryParse(text, 1, uint.MaxValue, out var mark)) return UsageError.Invalid($"invalid fwmark value `{text}' specified");
        _mark = (uint)mark;
        _family = IpFamily.IPv4;
        // Not that a mark had a protocol; but the port of a server may be a service's name, and then it is TCP's.
        _protocol = TransportProtocol.Tcp;
        return null;
    }

    UsageError? TakeIPv6()
    {
        if (_mark == 0) return UsageError.Invalid("-6 used before -f\n");
        _family = IpFamily.IPv6;
        _netmask = VirtualService.WholeAddress(IpFamily.IPv6);
        return null;
    }

    UsageError? TakeServer(string text)
    {
        if (Endpoint.Parse(text, _protocol, _names) is not { } server) return UsageError.Invalid("illegal real server address[:port] specified");
        _server = server with { Port = server.Port ?? _port };
        return null;
    }

    UsageError? TakeNetmask(string text)
    {
        if (_family == IpFamily.IPv6)
        {
            var length = DecimalNumber.Atoi(text);
            if (length is < 1 or > 128) return UsageError.Invalid("illegal ipv6 netmask specified");
            _netmask = (uint)length;
            return null;
        }
        if ((InternetAddress.ParseIPv4(text) ?? _names.HostAddress(text)) is not { } mask)
            return UsageError.Invalid("illegal virtual server persistent mask specified");
        Span<byte> bytes = stackalloc byte[4];
        mask.TryWriteBytes(bytes, out _);
        _netmask = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return null;
    }

    UsageError? TakePersistence(string? text)
    {
        long seconds = VirtualService.DefaultPersistenceTimeout;
        if (text is not null && !DecimalNumber.TryParse(text, 1, MaxTimeout, out seconds)) return InvalidTimeout(text);
        _flags |= ServiceFlags.Persistent;
        _persistenceTimeout = (uint)seconds;
        return null;
    }

    UsageError? TakeMulticastGroup(string text)
    {
        var six = text.Contains(':');
        var group = six ? InternetAddress.ParseIPv6(text) : InternetAddress.ParseDottedIPv4(text);
        Span<byte> bytes = stackalloc byte[16];
        if (group is null || !group.TryWriteBytes(bytes, out _) || (six ? bytes[0] != 0xff : bytes[0] >> 4 != 0xe))
            return UsageError.Invalid($"invalid {(six ? "IPv6" : "IPv4")} mcast-group `{text}'");
        _group = group;
        return null;
    }

    static UsageError? TakeNumber<T>(string text, long least, long greatest, string name, out T value)
        where T : INumberBase<T>
    {
        if (DecimalNumber.TryParse(text, least, greatest, out var number))
        {
            value = T.CreateTruncating(number);
            return null;
        }
        value = T.Zero;
        return UsageError.Invalid($"illegal {name} specified");
    }

    static UsageError InvalidTimeout(string text) => UsageError.Invalid($"invalid timeout value `{text}' specified");

    // Whole characters only.
    static string Cut(string name)
    {
        var length = Math.Min(name.Length, MaxNameBytes);
        while (Encoding.UTF8.GetByteCount(name.AsSpan(0, length)) > MaxNameBytes) length--;
        return length == name.Length ? name : name[..length];
    }
}
