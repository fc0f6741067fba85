using System.Globalization;
using System.Net;
using System.Text;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>What is expected of an answer: addresses are compared by value, text by its letters, anything else as it is written in a zone file.</summary>
sealed class DnsExpectation
{
    readonly byte[] _letters;
    readonly byte[]? _address;
    readonly string _record;

    public DnsExpectation(string text)
    {
        Text = text;
        _letters = Encoding.UTF8.GetBytes(text);
        _address = IPAddress.TryParse(text, out var address) ? address.GetAddressBytes() : null;
        _record = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(w => w is "." ? w : w.TrimEnd('.')));
    }

    public string Text { get; }

    /// <param name="reader">At the record's data.</param>
    public bool Is(ref DnsReader reader, int type, int length, ref DnsText text)
    {
        if (type is DnsRecord.A or DnsRecord.AAAA) return reader.Bytes(length).SequenceEqual(_address) && _address is not null;
        if (type is DnsRecord.TXT) return IsText(reader.Bytes(length));
        text.Clear();
        DnsRecord.Write(ref reader, type, length, ref text);
        return text.Text.Equals(_record, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>RFC 7208 3.3 and others: the strings of one record are one text.</summary>
    bool IsText(ReadOnlySpan<byte> strings)
    {
        ReadOnlySpan<byte> rest = _letters;
        while (!strings.IsEmpty)
        {
            int length = strings[0];
            if (length >= strings.Length || !rest.StartsWith(strings.Slice(1, length))) return false;
            rest = rest[length..];
            strings = strings[(1 + length)..];
        }
        return rest.IsEmpty;
    }
}

static class DnsRecord
{
    // https://www.iana.org/assignments/dns-parameters
    public const int A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, SRV = 33, NAPTR = 35, DNAME = 39, DS = 43, DNSKEY = 48, TLSA = 52,
        SVCB = 64, HTTPS = 65, ANY = 255, CAA = 257;

    /// <summary>A type by its name, as <c>TYPE65280</c> (RFC 3597 5) or as a bare number; -1 if it is none.</summary>
    public static int Type(string name)
    {
        var number = name.StartsWith("TYPE", StringComparison.OrdinalIgnoreCase) ? name.AsSpan(4) : name;
        if (ushort.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var type)) return type;
        return name.ToUpperInvariant() switch
        {
            "A" => A,
            "AAAA" => AAAA,
            "ANY" => ANY,
            "CAA" => CAA,
            "CNAME" => CNAME,
            "DNAME" => DNAME,
            "DNSKEY" => DNSKEY,
            "DS" => DS,
            "HTTPS" => HTTPS,
            "MX" => MX,
            "NAPTR" => NAPTR,
            "NS" => NS,
            "PTR" => PTR,
            "SOA" => SOA,
            "SRV" => SRV,
            "SVCB" => SVCB,
            "TLSA" => TLSA,
            "TXT" => TXT,
            _ => -1,
        };
    }

    /// <summary>Writes the record's data; the reader may stand anywhere afterwards.</summary>
    public static void Write(ref DnsReader reader, int type, int length, ref DnsText text)
    {
        var end = reader.Position + length;
        switch (type)
        {
            case A when length == 4:
            case AAAA when length == 16:
                text.Add(new IPAddress(reader.Bytes(length)).ToString());
                break;
            case NS or CNAME or PTR or DNAME:
                reader.Name(ref text);
                break;
            // RFC 1035 3.3.9: preference, name.
            case MX:
                text.Add(reader.U16());
                text.Add(" ");
                reader.Name(ref text);
                break;
            // RFC 2782: priority, weight, port, name.
            case SRV:
                for (var i = 0; i < 3; i++)
                {
                    text.Add(reader.U16());
                    text.Add(" ");
                }
                reader.Name(ref text);
                break;
            // RFC 1035 3.3.13: primary, mailbox, serial, refresh, retry, expire, minimum.
            case SOA:
                reader.Name(ref text);
                text.Add(" ");
                reader.Name(ref text);
                for (var i = 0; i < 5; i++)
                {
                    text.Add(" ");
                    text.Add(reader.U32());
                }
                break;
            case TXT:
                while (!reader.Failed && reader.Position < end)
                {
                    if (text.Length > 0) text.Add(" ");
                    text.AddQuoted(reader.Bytes(reader.U8()));
                }
                break;
            // RFC 8659 4.1.1: flags, tag, value.
            case CAA when length >= 2:
                text.Add(reader.U8());
                text.Add(" ");
                var tag = reader.U8();
                text.AddLabel(reader.Bytes(tag));
                text.Add(" ");
                text.AddQuoted(reader.Bytes(Math.Max(0, end - reader.Position)));
                break;
            // RFC 4034 5.3: key tag, algorithm, kind of digest, digest.
            case DS when length >= 4:
                text.Add(reader.U16());
                Numbers(2, ref reader, ref text);
                text.AddHex(reader.Bytes(length - 4));
                break;
            // RFC 6698 2.2: usage, selector, kind of digest, digest.
            case TLSA when length >= 3:
                text.Add(reader.U8());
                Numbers(2, ref reader, ref text);
                text.AddHex(reader.Bytes(length - 3));
                break;
            // RFC 3597 5.
            default:
                text.Add("\\# ");
                text.Add((uint)length);
                if (length > 0) text.Add(" ");
                text.AddHex(reader.Bytes(length));
                break;
        }
    }

    static void Numbers(int count, ref DnsReader reader, ref DnsText text)
    {
        for (var i = 0; i < count; i++)
        {
            text.Add(" ");
            text.Add(reader.U8());
        }
        text.Add(" ");
    }
}
