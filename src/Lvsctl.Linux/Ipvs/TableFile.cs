using System.Buffers.Text;
using System.Net;
using Lvsctl.Core.Model;

namespace Lvsctl.Linux.Ipvs;

/// <summary>
/// /proc/net/ip_vs: the real servers of all services in one go, where netlink wants a dump for each service (three system calls). It tells
/// less: no thresholds, tunnels or statistics, and it does not tell the IPv6 service of a firewall mark from the IPv4 one. Good for a
/// listing of many services and nothing to decide by.
/// </summary>
public sealed class TableFile
{
    /// <summary>Of the thread's own network namespace, as netlink sockets are; /proc/net is the main thread's.</summary>
    public const string Path = "/proc/thread-self/net/ip_vs";

    readonly Dictionary<ServiceKey, ServerRow[]> _services = [];

    // Of the service that is being read.
    readonly List<ServerRow> _rows = [];
    ServiceKey? _service;

    // Services share their servers: most addresses have been seen a moment ago.
    readonly IPAddress?[] _recent = new IPAddress?[256];

    TableFile()
    {
    }

    /// <summary>The rows of a service in the kernel's order; false where the file does not tell.</summary>
    public bool TryGetServers(ServiceKey service, out ReadOnlySpan<ServerRow> servers)
    {
        var found = _services.TryGetValue(service, out var rows);
        servers = rows;
        return found;
    }

    /// <summary>Null when the file is not there or has a form that is not known.</summary>
    public static TableFile? Read(string path = Path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal static TableFile? Read(Stream file)
    {
        var table = new TableFile();
        var buffer = new byte[16 * 1024];
        var (length, line) = (0, 0);
        while (true)
        {
            var read = file.Read(buffer, length, buffer.Length - length);
            if (read == 0)
            {
                table.EndService();
                return length == 0 ? table : null;
            }
            length += read;
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, length);
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..], line++)
            {
                // Three lines of titles.
                if (line >= 3 && !table.Take(rest[..end])) return null;
            }
            // No line is that long.
            if (rest.Length == buffer.Length) return null;
            rest.CopyTo(buffer);
            length = rest.Length;
        }
    }

    bool Take(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("  -> "u8))
        {
            if (_service is null) return true;
            if (!TryReadRow(line[5..], out var row)) return false;
            _rows.Add(row);
            return true;
        }
        EndService();
        if (line.StartsWith("FWM "u8)) return true;
        TransportProtocol? protocol = line.StartsWith("TCP "u8) ? TransportProtocol.Tcp : line.StartsWith("UDP "u8) ? TransportProtocol.Udp : line.StartsWith("SCTP "u8) ? TransportProtocol.Sctp : null;
        if (protocol is null || !TryReadEndpoint(Word(ref line, skip: 1), out var endpoint)) return false;
        _service = ServiceKey.At(protocol.Value, endpoint.Address, endpoint.Port);
        return true;
    }

    void EndService()
    {
        if (_service is { } service) _services[service] = [.. _rows];
        _rows.Clear();
        _service = null;
    }

    bool TryReadRow(ReadOnlySpan<byte> line, out ServerRow row)
    {
        row = default;
        if (!TryReadEndpoint(Word(ref line), out var key)) return false;
        ForwardingMethod? forward = Word(ref line) switch
        {
            var word when word.SequenceEqual("Masq"u8) => ForwardingMethod.Nat,
            var word when word.SequenceEqual("Local"u8) => ForwardingMethod.Local,
            var word when word.SequenceEqual("Tunnel"u8) => ForwardingMethod.Tunnel,
            var word when word.SequenceEqual("Route"u8) => ForwardingMethod.DirectRouting,
            var word when word.SequenceEqual("Bypass"u8) => ForwardingMethod.Bypass,
            _ => null,
        };
        if (forward is null || !Utf8Parser.TryParse(Word(ref line), out int weight, out _)) return false;
        if (!Utf8Parser.TryParse(Word(ref line), out uint active, out _) || !Utf8Parser.TryParse(Word(ref line), out uint inactive, out _)) return false;
        row = new ServerRow(key, forward.Value, weight, active, inactive);
        return true;
    }

    // 0A090909:0050 or [fd00:0009:0000:0000:0000:0000:0000:0009]:0050
    bool TryReadEndpoint(ReadOnlySpan<byte> text, out RealServerKey endpoint)
    {
        endpoint = default;
        var colon = text.LastIndexOf((byte)':');
        if (colon < 0 || !Utf8Parser.TryParse(text[(colon + 1)..], out ushort port, out _, 'x')) return false;
        var address = text[..colon];
        Span<byte> bytes = stackalloc byte[16];
        var length = 0;
        for (var at = 0; at + 1 < address.Length && length < bytes.Length;)
        {
            if (address[at] is (byte)'[' or (byte)':')
            {
                at++;
                continue;
            }
            if (!Utf8Parser.TryParse(address.Slice(at, 2), out bytes[length++], out var used, 'x') || used != 2) return false;
            at += 2;
        }
        if (length is not (4 or 16)) return false;
        endpoint = new RealServerKey(Address(bytes[..length]), port);
        return true;
    }

    IPAddress Address(ReadOnlySpan<byte> bytes)
    {
        ref var recent = ref _recent[bytes[^1]];
        Span<byte> known = stackalloc byte[16];
        if (recent is not null && recent.TryWriteBytes(known, out var length) && known[..length].SequenceEqual(bytes)) return recent;
        return recent = new IPAddress(bytes);
    }

    static ReadOnlySpan<byte> Word(ref ReadOnlySpan<byte> line, int skip = 0)
    {
        ReadOnlySpan<byte> word;
        do
        {
            line = line.TrimStart((byte)' ');
            var end = line.IndexOf((byte)' ');
            if (end < 0) end = line.Length;
            word = line[..end];
            line = line[end..];
        }
        while (skip-- > 0);
        return word;
    }
}
