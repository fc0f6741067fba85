using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Ipvs;

// union nf_inet_addr: 16 bytes, of which IPv4 uses the first four.
static class AddressCodec
{
    const int Length = 16;

    public static void Write(MessageWriter writer, ushort attribute, IPAddress address) =>
        address.TryWriteBytes(writer.Attribute(attribute, Length), out _);

    public static IPAddress Read(ReadOnlySpan<byte> bytes, IpFamily family) =>
        bytes.Length >= family.AddressLength() ? new IPAddress(bytes[..family.AddressLength()]) : throw NetlinkException.Malformed();
}
