using System.Net;
using System.Text.Json;
using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary><c>--json</c>: listing.schema.json says what it looks like. Every field is always there, null where it means nothing.</summary>
static class JsonListing
{
    public static void WriteTable(Utf8JsonWriter json, IpvsInfo info, IEnumerable<ObservedPool> pools)
    {
        json.WriteStartObject();
        json.WriteString("version"u8, info.Version.ToString(3));
        json.WriteNumber("connection_table_size"u8, info.ConnectionTableSize);
        json.WriteStartArray("services"u8);
        foreach (var pool in pools) WriteService(json, pool);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteService(Utf8JsonWriter json, ObservedPool pool)
    {
        json.WriteStartObject();
        WriteSettings(json, pool.Service.Service);
        WriteTraffic(json, pool.Service.Statistics);
        json.WriteStartArray("servers"u8);
        foreach (var server in pool.Servers)
        {
            json.WriteStartObject();
            WriteServer(json, server.Server, server);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteSettings(Utf8JsonWriter json, VirtualService service)
    {
        var key = service.Key;
        json.WriteString("family"u8, TableWords.Of(key.Family));
        WriteNumber(json, "firewall_mark"u8, key.IsFirewallMark ? key.FirewallMark : null);
        json.WriteString("protocol"u8, key.IsFirewallMark ? null : TableWords.Of(key.Protocol));
        json.WriteString("address"u8, key.IsFirewallMark ? null : InternetAddress.Text(key.Address));
        WriteNumber(json, "port"u8, key.IsFirewallMark ? null : key.Port);
        json.WriteString("scheduler"u8, service.Scheduler);
        json.WriteStartArray("scheduler_flags"u8);
        foreach (var flag in TableWords.SchedulerFlags(service)) json.WriteStringValue(flag);
        json.WriteEndArray();
        json.WriteBoolean("one_packet"u8, (service.Flags & ServiceFlags.OnePacket) != 0);
        json.WriteBoolean("persistent"u8, service.IsPersistent);
        WriteNumber(json, "persistence_timeout"u8, service.IsPersistent ? service.PersistenceTimeout : null);
        json.WriteString("netmask"u8, key.Family == IpFamily.IPv6 ? null : TableWords.DottedMask(service.Netmask));
        WriteNumber(json, "prefix_length"u8, key.Family == IpFamily.IPv6 ? service.Netmask : null);
        json.WriteString("persistence_engine"u8, service.PersistenceEngine);
    }

    static void WriteServer(Utf8JsonWriter json, RealServer server, ObservedServer there)
    {
        json.WriteString("family"u8, TableWords.Of(server.Key.Address.Family()));
        json.WriteString("address"u8, InternetAddress.Text(server.Key.Address));
        json.WriteNumber("port"u8, server.Key.Port);
        json.WriteString("forward"u8, TableWords.Of(server.Forward));
        WriteNumber(json, "weight"u8, (uint)there.Server.Weight);
        json.WriteNumber("upper_threshold"u8, server.UpperThreshold);
        json.WriteNumber("lower_threshold"u8, server.LowerThreshold);
        WriteTunnel(json, server);
        WriteNumber(json, "active_connections"u8, there.ActiveConnections);
        WriteNumber(json, "inactive_connections"u8, there.InactiveConnections);
        WriteNumber(json, "persistent_connections"u8, there.PersistentConnections);
        WriteTraffic(json, there.Statistics);
    }

    static void WriteTunnel(Utf8JsonWriter json, RealServer server)
    {
        if (server.Forward != ForwardingMethod.Tunnel)
        {
            json.WriteNull("tunnel"u8);
            return;
        }
        json.WriteStartObject("tunnel"u8);
        json.WriteString("type"u8, TableWords.Of(server.Tunnel.Type));
        WriteNumber(json, "port"u8, server.Tunnel.Type == TunnelType.Gue ? server.Tunnel.Port : null);
        json.WriteString("checksum"u8, TableWords.Of(server.Tunnel.Checksum));
        json.WriteEndObject();
    }

    static void WriteTraffic(Utf8JsonWriter json, TrafficStatistics traffic)
    {
        json.WriteStartObject("statistics"u8);
        json.WriteNumber("connections"u8, traffic.Connections);
        json.WriteNumber("in_packets"u8, traffic.InPackets);
        json.WriteNumber("out_packets"u8, traffic.OutPackets);
        json.WriteNumber("in_bytes"u8, traffic.InBytes);
        json.WriteNumber("out_bytes"u8, traffic.OutBytes);
        json.WriteEndObject();
        json.WriteStartObject("rates"u8);
        json.WriteNumber("connections_per_second"u8, traffic.ConnectionsPerSecond);
        json.WriteNumber("in_packets_per_second"u8, traffic.InPacketsPerSecond);
        json.WriteNumber("out_packets_per_second"u8, traffic.OutPacketsPerSecond);
        json.WriteNumber("in_bytes_per_second"u8, traffic.InBytesPerSecond);
        json.WriteNumber("out_bytes_per_second"u8, traffic.OutBytesPerSecond);
        json.WriteEndObject();
    }

    public static void WriteConnections(Utf8JsonWriter json, IEnumerable<ConnectionEntry> entries)
    {
        json.WriteStartObject();
        json.WriteStartArray("connections"u8);
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("protocol"u8, entry.TransportProtocol.Name() ?? entry.Protocol);
            json.WriteString("state"u8, entry.State);
            json.WriteNumber("expires_seconds"u8, entry.ExpiresSeconds);
            WriteEndpoint(json, "client"u8, entry.Client);
            WriteEndpoint(json, "virtual"u8, entry.Virtual);
            WriteEndpoint(json, "destination"u8, entry.Destination);
            json.WriteString("persistence_engine"u8, entry.Engine);
            json.WriteString("persistence_data"u8, entry.EngineData);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteEndpoint(Utf8JsonWriter json, ReadOnlySpan<byte> name, IPEndPoint endpoint)
    {
        json.WriteStartObject(name);
        json.WriteString("address"u8, InternetAddress.Text(endpoint.Address));
        json.WriteNumber("port"u8, endpoint.Port);
        json.WriteEndObject();
    }

    public static void WriteTimeouts(Utf8JsonWriter json, ConnectionTimeouts timeouts)
    {
        json.WriteStartObject();
        json.WriteStartObject("timeouts"u8);
        json.WriteNumber("tcp"u8, timeouts.Tcp);
        json.WriteNumber("tcp_fin"u8, timeouts.TcpFin);
        json.WriteNumber("udp"u8, timeouts.Udp);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static void WriteDaemons(Utf8JsonWriter json, IEnumerable<SyncDaemon> daemons)
    {
        json.WriteStartObject();
        json.WriteStartArray("sync_daemons"u8);
        foreach (var daemon in daemons)
        {
            json.WriteStartObject();
            json.WriteString("state"u8, SettingsListing.StateName(daemon.State));
            json.WriteString("interface"u8, daemon.Interface);
            json.WriteNumber("sync_id"u8, daemon.SyncId);
            json.WriteNumber("max_message_length"u8, daemon.MaxMessageLength);
            json.WriteString("group"u8, daemon.Group is { } group ? InternetAddress.Text(group) : null);
            json.WriteNumber("port"u8, daemon.Port);
            json.WriteNumber("ttl"u8, daemon.Ttl);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteNumber(Utf8JsonWriter json, ReadOnlySpan<byte> name, uint? value)
    {
        if (value is { } number) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }
}
