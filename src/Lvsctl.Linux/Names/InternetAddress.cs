using System.Net;
using System.Net.Sockets;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Names;

/// <summary>Addresses as libc reads and writes them, which is not quite as .NET does: 010.1 is 8.0.0.1, and ::1.2.3.4 keeps its dots.</summary>
public static class InternetAddress
{
    /// <summary>inet_aton(3): one to four parts, octal and hexadecimal too, anything after a blank ignored.</summary>
    public static IPAddress? ParseIPv4(ReadOnlySpan<char> text) => ParsePlainIPv4(text) ?? NameCalls.InetAton(text.ToString());

    /// <summary>inet_pton(3) of four decimal parts.</summary>
    public static IPAddress? ParseDottedIPv4(string text) => NameCalls.InetPton(LibC.AF_INET, text);

    /// <summary>inet_pton(3): no brackets, no zone.</summary>
    public static IPAddress? ParseIPv6(ReadOnlySpan<char> text)
    {
        // The shortest one has two colons; most of what is asked about has one, before its port.
        var colon = text.IndexOf(':');
        return colon >= 0 && text[(colon + 1)..].Contains(':') ? NameCalls.InetPton(LibC.AF_INET6, text.ToString()) : null;
    }

    /// <summary>inet_ntop(3).</summary>
    public static string Text(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6 ? NameCalls.InetNtop(address) : address.ToString();

    // The common form without a call: four decimal parts, none with a leading zero, which would make it octal.
    static IPAddress? ParsePlainIPv4(ReadOnlySpan<char> text)
    {
        uint parts = 0, part = 0;
        int dots = 0, digits = 0;
        foreach (var c in text)
        {
            if (c == '.')
            {
                if (digits == 0 || ++dots > 3) return null;
                parts = parts << 8 | part;
                part = 0;
                digits = 0;
            }
            else if (char.IsAsciiDigit(c))
            {
                if (digits != 0 && part == 0) return null;
                part = part * 10 + (uint)(c - '0');
                digits++;
                if (part > 255) return null;
            }
            else
            {
                return null;
            }
        }
        if (dots != 3 || digits == 0) return null;
        parts = parts << 8 | part;
        Span<byte> bytes = [(byte)(parts >> 24), (byte)(parts >> 16), (byte)(parts >> 8), (byte)parts];
        return new IPAddress(bytes);
    }
}
