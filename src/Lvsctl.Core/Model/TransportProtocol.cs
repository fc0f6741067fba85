namespace Lvsctl.Core.Model;

/// <summary>Protocol of a virtual service, with its IP protocol number. The kernel stores others too, but balances only these.</summary>
public enum TransportProtocol : ushort
{
    Tcp = 6,
    Udp = 17,
    Sctp = 132,
}
