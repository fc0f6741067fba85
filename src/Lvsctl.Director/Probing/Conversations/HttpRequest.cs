using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>The bytes of a request; the same for every probe of a target.</summary>
static class HttpRequest
{
    public static byte[] Write(ProbeSpec.Http spec, ProbeTarget target)
    {
        var body = spec.Send is null ? null : Encoding.UTF8.GetBytes(spec.Send);
        var request = new ArrayBufferWriter<byte>();
        Line(request, $"{spec.Method} {spec.Path} HTTP/1.1");
        // RFC 9112 3.2: exactly one Host, and it should be the first field.
        Field(request, "Host", spec.Host ?? Given(spec, "Host") ?? Authority(target, spec.UsualPort));
        if (Given(spec, "User-Agent") is null) Field(request, "User-Agent", "lvsctl");
        if (Given(spec, "Accept") is null) Field(request, "Accept", "*/*");
        foreach (var header in spec.Headers)
        {
            // How long the body is, is not a matter of opinion: two opinions are how requests are smuggled (RFC 9112 11.2).
            if (!IsOurs(header.Name)) Field(request, header.Name, header.Value);
        }
        // RFC 9110 8.6: a method that usually has a body says so even if there is none.
        if (body is not null || spec.Method is "POST" or "PUT" or "PATCH") Field(request, "Content-Length", $"{body?.Length ?? 0}");
        if (KeepsWordOfClosing(spec)) Field(request, "Connection", "close");
        Line(request, "");
        request.Write(body);
        return request.WrittenSpan.ToArray();
    }

    /// <summary>Whether the server is asked to close; not so if the manifest asks for an upgrade, say.</summary>
    public static bool KeepsWordOfClosing(ProbeSpec.Http spec) => Given(spec, "Connection") is null;

    static bool IsOurs(string name) =>
        name.Equals("Host", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
        || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase);

    static string? Given(ProbeSpec.Http spec, string name)
    {
        foreach (var header in spec.Headers)
        {
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return header.Value;
        }
        return null;
    }

    /// <summary>RFC 9110 7.2 and 4.2: an IPv6 address in brackets and without its zone, and the port unless it is the scheme's own.</summary>
    static string Authority(ProbeTarget target, ushort? usualPort)
    {
        var address = target.Address.ToString().Split('%')[0];
        if (target.Address.AddressFamily == AddressFamily.InterNetworkV6) address = $"[{address}]";
        return target.Port == usualPort ? address : $"{address}:{target.Port}";
    }

    static void Field(ArrayBufferWriter<byte> request, string name, string value) => Line(request, $"{name}: {value}");

    static void Line(ArrayBufferWriter<byte> request, string line)
    {
        // RFC 9110 5.5: a line end in a value would begin another field.
        request.Write(Encoding.UTF8.GetBytes(line.Replace('\r', ' ').Replace('\n', ' ').Replace('\0', ' ')));
        request.Write("\r\n"u8);
    }
}
