using System.Net;
using System.Text.Json.Nodes;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Format;

/// <summary><c>tcp 192.0.2.1:80,443</c> or <c>fwmark 7 ipv6</c>: one or several keys of the kernel's table.</summary>
sealed class ListenShape : ScalarShape<ServiceKey[]>
{
    static readonly string[] Protocols = ["tcp", "udp", "sctp", "fwmark"];

    public override string Type => "tcp|udp|sctp address:ports, or fwmark number [ipv6]";

    protected override Problem? Parse(string text, out ServiceKey[]? value)
    {
        value = null;
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
        {
            return new(Code.NotAListen,
                $"{Quote(text)} lacks {(words is [var only] && !Protocols.Contains(only) ? "its protocol; write" : "an address; write")} 'tcp 192.0.2.1:80' or 'fwmark 7'");
        }
        if (words[0] == "fwmark") return Mark(text, words, out value);

        TransportProtocol? protocol = words[0] switch
        {
            "tcp" => TransportProtocol.Tcp,
            "udp" => TransportProtocol.Udp,
            "sctp" => TransportProtocol.Sctp,
            _ => null,
        };
        if (protocol is null)
        {
            return new(Code.NotAListen,
                $"{Quote(words[0])} is no protocol; known are tcp, udp, sctp and fwmark{Wording.DidYouMean(words[0], Protocols)}");
        }
        if (words.Length > 2)
        {
            return new(Code.NotAListen, $"{Quote(words[2])} after the address means nothing; several ports are written 80,443");
        }
        if (IpText.Split(words[1]) is not var (address, ports))
        {
            return new(Code.NotAListen, $"{Quote(words[1])} is no address with a port; write 192.0.2.1:80 or [2001:db8::1]:80");
        }
        if (ports is null) return new(Code.NotAListen, $"{Quote(words[1])} has no port; write ':80', or ':*' for every port");
        if (IpText.Unusable(address) is { } why) return new(Code.UnusableAddress, $"{address} cannot be used here: {why}");
        return Ports(protocol.Value, address, ports, out value);
    }

    static Problem? Mark(string text, string[] words, out ServiceKey[]? value)
    {
        value = null;
        if (words.Length > 3 || (words.Length == 3 && words[2] != "ipv6"))
        {
            return new(Code.NotAListen, $"{Quote(text)}: only 'ipv6' can follow the mark");
        }
        if (!uint.TryParse(words[1], System.Globalization.NumberStyles.None, null, out var mark) || mark == 0)
        {
            return words[1].All(char.IsAsciiDigit)
                ? new(Code.OutOfRange, $"the mark {Quote(words[1])} is not in 1..{uint.MaxValue}")
                : new(Code.NotAListen, $"{Quote(words[1])} is no mark; write a number");
        }
        value = [ServiceKey.Marked(mark, words.Length == 3 ? IpFamily.IPv6 : IpFamily.IPv4)];
        return null;
    }

    static Problem? Ports(TransportProtocol protocol, IPAddress address, string ports, out ServiceKey[]? value)
    {
        value = null;
        if (ports is "*" or "0")
        {
            value = [ServiceKey.At(protocol, address, 0)];
            return null;
        }
        var keys = new List<ServiceKey>();
        foreach (var part in ports.Split(','))
        {
            var dash = part.IndexOf('-');
            int first = IpText.Port(dash < 0 ? part : part.AsSpan(0, dash)), last = dash < 0 ? first : IpText.Port(part.AsSpan(dash + 1));
            if (first == 0 || last < first) return new(Code.NotAListen, $"{Quote(part)} is neither a port (1..65535) nor a range of ports");
            if (keys.Count + last - first >= Limits.Listens)
            {
                return new(Code.TooMuch, $"more than {Limits.Listens} ports; for so many, let the firewall mark the packets and write 'fwmark 7', or '*' for every port");
            }
            for (var port = first; port <= last; port++) keys.Add(ServiceKey.At(protocol, address, (ushort)port));
        }
        value = [.. keys];
        return null;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) =>
        SchemaDefinitions.Text("^ *(fwmark +[0-9]+( +ipv6)?|(tcp|udp|sctp) +([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):(\\*|[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)) *$");
}
