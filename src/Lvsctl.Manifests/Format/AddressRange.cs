using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Format;

/// <param name="Suffix">The numbers that its brackets stood for, or the address's last: <c>11</c>, <c>2-14</c>.</param>
readonly record struct RangeMember(IPAddress Address, string Suffix);

/// <summary><c>10.0.0.[11-14]</c>: several addresses in one word.</summary>
sealed class AddressRangeShape : ScalarShape<IReadOnlyList<RangeMember>>
{
    public override string Type => "address, or range of addresses as 10.0.0.[11-14]";

    protected override Problem? Parse(string text, out IReadOnlyList<RangeMember>? value)
    {
        value = null;
        var isIPv6 = text.Contains(':');
        var members = new List<(string Address, string Suffix)> { ("", "") };
        var rest = text;
        while (rest.IndexOf('[') is >= 0 and var open)
        {
            var close = rest.IndexOf(']', open);
            if (close < 0 || Numbers(rest[(open + 1)..close], isIPv6) is not var (first, last)) return Bad(text);
            if ((long)members.Count * (last - first + 1) > Limits.RangeMembers)
            {
                return new(Code.TooMuch, $"{Quote(text)} is more than {Limits.RangeMembers} addresses");
            }
            var before = rest[..open];
            members = [.. members.SelectMany(m => Enumerable.Range(first, last - first + 1).Select(n =>
            {
                var number = n.ToString(isIPv6 ? "x" : "", CultureInfo.InvariantCulture);
                return (m.Address + before + number, m.Suffix.Length == 0 ? number : $"{m.Suffix}-{number}");
            }))];
            rest = rest[(close + 1)..];
        }

        var addresses = new List<RangeMember>(members.Count);
        foreach (var (start, suffix) in members)
        {
            var written = start + rest;
            if (IpText.Address(written) is not { } address) return members.Count == 1 ? AddressShape.NotAnAddress(text) : Bad(text);
            if (IpText.Unusable(address) is { } why) return new(Code.UnusableAddress, $"{address} cannot be used here: {why}");
            addresses.Add(new(address, suffix.Length > 0 ? suffix : written[(written.LastIndexOfAny(['.', ':']) + 1)..]));
        }
        value = addresses;
        return null;
    }

    static (int First, int Last)? Numbers(string text, bool hexadecimal)
    {
        var dash = text.IndexOf('-');
        var style = hexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        return dash >= 0
            && ushort.TryParse(text.AsSpan(0, dash), style, CultureInfo.InvariantCulture, out var first)
            && ushort.TryParse(text.AsSpan(dash + 1), style, CultureInfo.InvariantCulture, out var last)
            && first <= last ? (first, last) : null;
    }

    static Problem Bad(string text) => new(Code.BadRange, $"{Quote(text)} is no range; write 10.0.0.[11-14]");

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.Text("^[\\[\\]0-9A-Fa-f.:-]+$");
}
