using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;

namespace Lvsctl.Manifests.Writing;

/// <summary>A table as the text of a manifest, with what it cannot say as comments.</summary>
public sealed class ManifestWriter(TextWriter output)
{
    /// <param name="heading">Comments at its top.</param>
    public void Write(ExportedTable table, params IEnumerable<string> heading)
    {
        Comment("", heading.Concat(table.Remarks));
        if (table.Timeouts is { } timeouts)
        {
            output.WriteLine("settings:");
            output.WriteLine($"  timeouts: {Map(("tcp", Time(timeouts.Tcp)), ("tcp-fin", Time(timeouts.TcpFin)), ("udp", Time(timeouts.Udp)))}");
            output.WriteLine();
        }
        output.WriteLine(table.Services.Count == 0 ? "services: {}" : "services:");
        foreach (var service in table.Services) Write(service);
    }

    void Write(ExportedService service)
    {
        var spec = service.Spec;
        Comment("  ", service.Remarks);
        output.WriteLine($"  {Word(spec.Name)}:");
        Key("listen", spec.Listen is [var only] ? Word(Listen(only)) : $"[ {string.Join(", ", spec.Listen.Select(l => Word(Listen(l))))} ]");
        Key("scheduler", Scheduler(spec.Scheduler));
        Key("forward", Forward(spec.Forward));
        if (spec.Persistence is { } persistence) Key("persistence", Persistence(persistence, spec.Listen[0].Family));
        if (spec.OnePacket) Key("one-packet", "true");
        Key("servers", service.Servers.Count == 0 ? "{}" : "");
        foreach (var server in service.Servers)
        {
            Comment("      ", server.Remarks);
            output.WriteLine($"      {Word(server.Spec.Name)}: {Server(server.Spec, spec)}");
        }
    }

    void Key(string key, string value) => output.WriteLine(value == "" ? $"    {key}:" : $"    {key}: {value}");

    void Comment(string indent, IEnumerable<string> lines)
    {
        foreach (var line in lines) output.WriteLine(line == "" ? $"{indent}#" : $"{indent}# {line}");
    }

    static string Listen(ServiceKey key) => !key.IsFirewallMark && key.Port == 0 ? $"{key.ToString()[..^1]}*" : key.ToString();

    static string Scheduler(SchedulerSpec scheduler)
    {
        if (scheduler.Flags == ServiceFlags.None) return Word(scheduler.Name);
        bool Has(ServiceFlags flag) => (scheduler.Flags & flag) != 0;
        var isHash = scheduler.Name is "sh" or "mh";
        int[] numbers =
        [
            .. Has(ServiceFlags.Scheduler1) && !isHash ? [1] : Array.Empty<int>(),
            .. Has(ServiceFlags.Scheduler2) && !isHash ? [2] : Array.Empty<int>(),
            .. Has(ServiceFlags.Scheduler3) ? [3] : Array.Empty<int>(),
        ];
        var options = Map(
            ("port", isHash && Has(ServiceFlags.Scheduler2) ? "true" : null),
            ("fallback", isHash && Has(ServiceFlags.Scheduler1) ? "true" : null),
            ("flags", numbers.Length > 0 ? $"[ {string.Join(", ", numbers)} ]" : null));
        return Map((Word(scheduler.Name), options));
    }

    static string Forward(ForwardSpec forward) => forward.Method switch
    {
        ForwardingMethod.Nat => "nat",
        ForwardingMethod.Tunnel when forward.Tunnel.Type != TunnelType.Ipip => Map(("tun", Tunnel(forward.Tunnel))),
        ForwardingMethod.Tunnel => "tun",
        _ => "dr",
    };

    static string Tunnel(Tunnel tunnel) => Map(
        ("kind", tunnel.Type == TunnelType.Gue ? "gue" : "gre"),
        ("port", tunnel.Type == TunnelType.Gue ? $"{tunnel.Port}" : null),
        ("checksum", tunnel.Checksum switch
        {
            TunnelChecksum.Checksum => "csum",
            TunnelChecksum.RemoteChecksum => "remote",
            _ => null,
        }));

    static string Persistence(PersistenceSpec persistence, IpFamily family)
    {
        if (persistence is { Netmask: null, Engine: null }) return Duration.Text(persistence.Timeout);
        return Map(
            ("timeout", Duration.Text(persistence.Timeout)),
            family == IpFamily.IPv6 ? ("prefix", persistence.Netmask?.ToString()) : ("netmask", persistence.Netmask is { } mask ? Dotted(mask) : null),
            ("engine", persistence.Engine));
    }

    static string Server(ServerSpec server, ServiceSpec service)
    {
        var isPlain = server is { Weight: ServerSpec.DefaultWeight, UpperThreshold: 0, LowerThreshold: 0 } && server.Forward == service.Forward;
        if (isPlain) return Word(server.Port is { } at ? new IPEndPoint(server.Address, at).ToString() : server.Address.ToString());
        return Map(
            ("address", Word(server.Address.ToString())),
            ("port", server.Port?.ToString()),
            ("weight", server.Weight == ServerSpec.DefaultWeight ? null : server.Weight.ToString()),
            ("connections", server is { UpperThreshold: 0, LowerThreshold: 0 } ? null
                : Map(("upper", server.UpperThreshold.ToString()), ("lower", server.LowerThreshold == 0 ? null : server.LowerThreshold.ToString()))),
            ("forward", server.Forward == service.Forward ? null : Forward(server.Forward)));
    }

    static string? Time(TimeSpan? time) => time is { } span ? Duration.Text(span) : null;

    static string Dotted(uint mask) => $"{mask >> 24}.{(mask >> 16) & 255}.{(mask >> 8) & 255}.{mask & 255}";

    static string Map(params IEnumerable<(string Key, string? Value)> entries) =>
        $"{{ {string.Join(", ", entries.Where(e => e.Value is not null).Select(e => $"{e.Key}: {e.Value}"))} }}";

    // Words that no reader of YAML, of whatever version and in whatever place, takes for anything else stay as they are.
    static string Word(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') && (IPAddress.TryParse(text, out _) || char.IsAsciiLetter(text[0]))
            && text.ToLowerInvariant() is not ("true" or "false" or "yes" or "no" or "on" or "off" or "null" or "y" or "n")
            ? text
            : $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
}
