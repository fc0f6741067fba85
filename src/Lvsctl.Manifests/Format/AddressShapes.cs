using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json.Nodes;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;

namespace Lvsctl.Manifests.Format;

/// <summary>An IPv4 or IPv6 address of somebody.</summary>
sealed class AddressShape(bool allowLinkLocal = false, bool allowMulticast = false) : ScalarShape<IPAddress>
{
    public override string Type => "IPv4 or IPv6 address";

    protected override Problem? Parse(string text, [MaybeNull] out IPAddress value)
    {
        value = IpText.Address(text);
        if (value is null) return NotAnAddress(text);
        return allowMulticast || IpText.Unusable(value, allowLinkLocal) is not { } why ? null : new(Code.UnusableAddress, $"{value} cannot be used here: {why}");
    }

    public static Problem NotAnAddress(string text)
    {
        var looksLikeName = text.Any(char.IsAsciiLetter) && !text.Contains(':');
        return new(Code.NotAnAddress, $"{Quote(text)} is no address{(looksLikeName ? "; names are not looked up" : "")}");
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.Text("^[0-9A-Fa-f.:]+$");
}

/// <summary>An address, with a port if there is one.</summary>
readonly record struct AddressPort(IPAddress Address, ushort? Port)
{
    public override string ToString() => Port is { } port ? new IPEndPoint(Address, port).ToString() : Address.ToString();
}

/// <summary><c>10.0.0.1:80</c>, <c>[2001:db8::1]:80</c>, or the address alone.</summary>
sealed class AddressPortShape(bool portRequired, bool allowAny = false) : ScalarShape<AddressPort>
{
    public override string Type => portRequired ? "address:port" : "address or address:port";

    protected override Problem? Parse(string text, out AddressPort value)
    {
        value = default;
        if (IpText.Split(text) is not var (address, rest)) return AddressShape.NotAnAddress(text);
        if (!allowAny && IpText.Unusable(address) is { } why) return new(Code.UnusableAddress, $"{address} cannot be used here: {why}");
        if (rest is null && portRequired) return new(Code.NotAnAddress, $"{Quote(text)} has no port");
        ushort? port = rest is null ? null : IpText.Port(rest);
        value = new(address, port);
        return port == 0 ? new(Code.OutOfRange, $"{Quote(rest!)} is no port; ports are 1..65535") : null;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) =>
        SchemaDefinitions.Text(portRequired ? "^([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]+$" : "^([0-9A-Fa-f.:]+|\\[[0-9A-Fa-f:.]+\\](:[0-9]+)?)$");
}

/// <summary>A host that is looked up when it is needed: <c>mail.example.org:25</c>.</summary>
sealed class HostPortShape : ScalarShape<HostPort>
{
    public override string Type => "host:port";

    protected override Problem? Parse(string text, out HostPort value)
    {
        value = default;
        if (IpText.Split(text) is var (address, rest))
        {
            if (rest is null) return new(Code.Malformed, $"{Quote(text)} has no port");
            value = new(address.ToString(), IpText.Port(rest));
        }
        else
        {
            var colon = text.LastIndexOf(':');
            if (colon < 0) return new(Code.Malformed, $"{Quote(text)} has no port");
            if (Texts.HostNameProblem(text[..colon]) is { } problem) return new(Code.Malformed, $"{Quote(text)} is no {Type}: {problem}");
            value = new(text[..colon], IpText.Port(text.AsSpan(colon + 1)));
        }
        return value.Port == 0 ? new(Code.OutOfRange, $"{Quote(text)} has no port in 1..65535") : null;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.Text(":[0-9]+$");
}

/// <summary>An address with the length of its network's prefix: <c>192.0.2.1/24</c>.</summary>
readonly record struct AddressPrefix(IPAddress Address, int Length);

sealed class AddressPrefixShape : ScalarShape<AddressPrefix>
{
    public override string Type => "address, or address/prefix (default: the address alone, /32 or /128)";

    protected override Problem? Parse(string text, out AddressPrefix value)
    {
        value = default;
        var slash = text.IndexOf('/');
        if (IpText.Address(slash < 0 ? text : text.AsSpan(0, slash)) is not { } address) return AddressShape.NotAnAddress(text);
        if (IpText.Unusable(address, allowLinkLocal: true) is { } why)
        {
            return new(Code.UnusableAddress, $"{address} cannot be used here: {why}");
        }

        var bits = address.Family().AddressLength() * 8;
        var length = slash < 0 ? bits : IpText.Port(text.AsSpan(slash + 1));
        value = new(address, length);
        return length is 0 || length > bits ? new(Code.OutOfRange, $"the prefix of {Quote(text)} is not in 1..{bits}") : null;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.Text("^[0-9A-Fa-f.:]+(/[0-9]+)?$");
}

/// <summary>An IPv4 netmask in dotted form, as the kernel's number.</summary>
sealed class NetmaskShape : ScalarShape<uint>
{
    public override string Type => "IPv4 netmask";

    protected override Problem? Parse(string text, out uint value)
    {
        value = 0;
        if (IpText.Address(text) is not { } mask || mask.Family() != IpFamily.IPv4)
        {
            return new(Code.NotAnAddress, $"{Quote(text)} is no netmask; write 255.255.255.0");
        }
        value = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(mask.GetAddressBytes());
        return value == 0 ? new(Code.OutOfRange, "the netmask 0.0.0.0 would make all clients one") : null;
    }

    public override JsonObject Schema(SchemaDefinitions definitions) => SchemaDefinitions.Text("^[0-9]+\\.[0-9]+\\.[0-9]+\\.[0-9]+$");
}
