using System.Buffers.Binary;
using Lvsctl.Core.Model;

namespace Lvsctl.Core.Vrrp;

/// <summary>
/// A VRRP message (RFC 9568 5.1, RFC 3768 5.1), read in place.
/// <code>
///  0               1               2               3
/// +-------+-------+---------------+---------------+---------------+
/// |version|type 1 |   router id   |   priority    | address count |
/// +-------+-------+---------------+---------------+---------------+
/// | v3: 4 zero bits, interval (cs)|           checksum            |
/// | v2: auth type | interval (s)  |                               |
/// +---------------+---------------+---------------+---------------+
/// |            addresses, 4 or 16 bytes each                      |
/// +---------------------------------------------------------------+
/// |            v2: 8 bytes of authentication data, always         |
/// +---------------------------------------------------------------+
/// </code>
/// Reading checks nothing but that the parts are there; what makes a message acceptable is up to <see cref="VrrpReceiver"/>.
/// </summary>
public readonly ref struct VrrpAdvertisement
{
    public const byte Protocol = 112;
    public const byte AdvertisementType = 1;
    public const byte PriorityLeaving = 0;
    public const byte PriorityOwner = 255;
    public const int HeaderLength = 8;
    public const int AuthenticationLength = 8;

    public byte Version { get; init; }

    public byte Type { get; init; }

    public byte RouterId { get; init; }

    public byte Priority { get; init; }

    /// <summary>Version 2 only: 0 none, 1 password, 2 authentication header.</summary>
    public byte AuthenticationType { get; init; }

    /// <summary>Whole seconds in version 2, centiseconds up to 40.95 s in version 3.</summary>
    public TimeSpan Interval { get; init; }

    public IpFamily Family { get; init; }

    /// <summary>One after the other, in network byte order.</summary>
    public ReadOnlySpan<byte> Addresses { get; init; }

    /// <summary>Version 2 only; empty: zeros.</summary>
    public ReadOnlySpan<byte> AuthenticationData { get; init; }

    public int Count => Addresses.Length / Family.AddressLength();

    public WireAddress this[int index] => WireAddress.Read(Addresses.Slice(index * Family.AddressLength(), Family.AddressLength()));

    public int Length => LengthOf(Version, Count, Family);

    public static int LengthOf(int version, int count, IpFamily family) =>
        HeaderLength + count * family.AddressLength() + (version == 2 ? AuthenticationLength : 0);

    /// <returns>False: the message is shorter than its own count says.</returns>
    public static bool TryRead(ReadOnlySpan<byte> message, IpFamily family, out VrrpAdvertisement advert)
    {
        advert = default;
        if (message.Length < HeaderLength) return false;
        var version = message[0] >> 4;
        if (message.Length < LengthOf(version, message[3], family)) return false;
        var addresses = message[3] * family.AddressLength();
        advert = new()
        {
            Version = (byte)version,
            Type = (byte)(message[0] & 0xf),
            RouterId = message[1],
            Priority = message[2],
            AuthenticationType = version == 2 ? message[4] : (byte)0,
            Interval = version == 2
                ? TimeSpan.FromSeconds(message[5])
                : TimeSpan.FromMilliseconds((BinaryPrimitives.ReadUInt16BigEndian(message[4..]) & 0xfff) * 10),
            Family = family,
            Addresses = message.Slice(HeaderLength, addresses),
            AuthenticationData = version == 2 ? message.Slice(HeaderLength + addresses, AuthenticationLength) : [],
        };
        return true;
    }

    /// <summary>Writes <see cref="Length"/> bytes, the checksum as zero.</summary>
    public void Write(Span<byte> message)
    {
        message[0] = (byte)(Version << 4 | Type);
        message[1] = RouterId;
        message[2] = Priority;
        message[3] = (byte)Count;
        if (Version == 2)
        {
            message[4] = AuthenticationType;
            message[5] = (byte)Interval.TotalSeconds;
            var data = message.Slice(HeaderLength + Addresses.Length, AuthenticationLength);
            data.Clear();
            AuthenticationData.CopyTo(data);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(message[4..], (ushort)(Interval.Ticks / (10 * TimeSpan.TicksPerMillisecond)));
        }
        message.Slice(VrrpChecksum.Offset, 2).Clear();
        Addresses.CopyTo(message[HeaderLength..]);
    }
}
