using System.Globalization;
using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary>A line of /proc/net/ip_vs_conn, the only place where the kernel shows connections.</summary>
sealed record ConnectionEntry(string Protocol, IPEndPoint Client, IPEndPoint Virtual, IPEndPoint Destination, string State, int ExpiresSeconds)
{
    /// <summary>Persistence engine, when there is one.</summary>
    public string? Engine { get; init; }

    public string? EngineData { get; init; }

    /// <summary>Null for a line that is not as the kernel writes it.</summary>
    public static ConnectionEntry? Parse(string line)
    {
        var fields = line.Split((char[]?)null, 11, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length < 9
            || Endpoint(fields[1], fields[2]) is not { } client
            || Endpoint(fields[3], fields[4]) is not { } service
            || Endpoint(fields[5], fields[6]) is not { } destination
            || !int.TryParse(fields[8], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var expires))
        {
            return null;
        }

        var hasEngine = fields.Length > 10;
        return new ConnectionEntry(fields[0], client, service, destination, fields[7], expires)
        {
            Engine = hasEngine ? fields[9] : null,
            EngineData = hasEngine ? fields[10].TrimEnd() : null,
        };
    }

    /// <summary>Zero for one that has no services.</summary>
    public TransportProtocol TransportProtocol => Protocol switch
    {
        "TCP" => TransportProtocol.Tcp,
        "UDP" => TransportProtocol.Udp,
        "SCTP" => TransportProtocol.Sctp,
        _ => 0,
    };

    // IPv4 as eight hexadecimal digits, IPv6 with colons; the port as four hexadecimal digits.
    static IPEndPoint? Endpoint(string address, string port)
    {
        if (!ushort.TryParse(port, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)) return null;
        if (InternetAddress.ParseIPv6(address) is { } six) return new IPEndPoint(six, number);
        return uint.TryParse(address, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var four)
            ? new IPEndPoint(new IPAddress([(byte)(four >> 24), (byte)(four >> 16), (byte)(four >> 8), (byte)four]), number)
            : null;
    }
}
