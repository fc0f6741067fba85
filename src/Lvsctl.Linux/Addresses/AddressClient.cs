using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Addresses.RouteConstants;
using static Lvsctl.Linux.Netlink.NetlinkConstants;

namespace Lvsctl.Linux.Addresses;

/// <summary>
/// Network devices and their addresses over rtnetlink, in the network namespace of the thread that opened it. One caller at a time.
/// Reading needs no privilege.
/// </summary>
public sealed class AddressClient(INetlinkTransport transport, TimeProvider? clock = null) : IDisposable
{
    readonly NetlinkConnection _connection = new(transport, clock ?? TimeProvider.System);
    readonly MessageWriter _writer = new();

    /// <exception cref="NetlinkException">No netlink socket could be had.</exception>
    public static AddressClient Open() => new(NetlinkSocket.OpenRoute());

    public void Dispose() => _connection.Dispose();

    public IReadOnlyList<Link> ListLinks()
    {
        var links = new List<Link>();
        var answer = Dump(links.Clear, RTM_GETLINK, static writer => Link.WriteHeader(writer), payload =>
        {
            if (Link.Read(payload) is { } link) links.Add(link);
        });
        return answer.Ok ? links : throw AddressException.For("list the network devices", null, answer);
    }

    public Link? FindLink(string name)
    {
        Link? link = null;
        var answer = Request(RTM_GETLINK, NLM_F_ACK, writer =>
        {
            Link.WriteHeader(writer);
            writer.Text(IFLA_IFNAME, name);
        }, payload => link = Link.Read(payload));
        if (answer.Errno is Errno.ENODEV) return null;
        return answer.Ok ? link : throw AddressException.For("look up", name, answer);
    }

    public Link GetLink(string name) => FindLink(name) ?? throw AddressException.For("look up", name, new(Errno.ENODEV));

    /// <summary>
    /// Creates a device, for which the kernel loads the module of its kind. False when a device of that name is there, as is the
    /// fallback device (tunl0, ip6tnl0) once its module is.
    /// </summary>
    public bool CreateLink(string name, string kind)
    {
        var answer = Request(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, writer =>
        {
            Link.WriteHeader(writer);
            writer.Text(IFLA_IFNAME, name);
            var info = writer.BeginNested(IFLA_LINKINFO);
            writer.Text(IFLA_INFO_KIND, kind);
            writer.EndNested(info);
        });
        if (answer.Errno is Errno.EEXIST) return false;
        return answer.Ok ? true : throw AddressException.For("create", name, answer,
            answer.Errno is Errno.EOPNOTSUPP ? $"this kernel has no {kind} tunnels: install the package with the kernel's extra modules" : null);
    }

    /// <summary>A fallback device stays all the same; only its module takes it away.</summary>
    public void DeleteLink(Link link)
    {
        var answer = Request(RTM_DELLINK, NLM_F_ACK, writer => Link.WriteHeader(writer, link.Index));
        if (!answer.Ok && answer.Errno is not Errno.ENODEV) throw AddressException.For("delete", link.Name, answer);
    }

    public void SetUp(Link link, bool up)
    {
        var answer = Request(RTM_NEWLINK, NLM_F_ACK, writer => Link.WriteHeader(writer, link.Index, up ? IFF_UP : 0, change: IFF_UP));
        if (!answer.Ok) throw AddressException.For(up ? "bring up" : "take down", link.Name, answer);
    }

    /// <summary>IPv4 and IPv6, of all devices.</summary>
    public IReadOnlyList<LinkAddress> ListAddresses()
    {
        var addresses = new List<LinkAddress>();
        var answer = Dump(addresses.Clear, RTM_GETADDR, static writer => writer.Reserve(LinkAddress.HeaderLength)[0] = AF_UNSPEC, payload =>
        {
            if (LinkAddress.Read(payload) is { } address) addresses.Add(address);
        });
        return answer.Ok ? addresses : throw AddressException.For("list the addresses", null, answer);
    }

    /// <summary>False when it was there already.</summary>
    public bool Add(LinkAddress address, string device)
    {
        var answer = Request(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, writer => LinkAddress.Write(writer, address));
        if (answer.Errno is Errno.EEXIST) return false;
        return answer.Ok ? true : throw AddressException.For($"add {address.Address}/{address.PrefixLength} to", device, answer,
            answer.Errno is Errno.EACCES ? $"IPv6 is off on {device}: see sysctl net.ipv6.conf.{device}.disable_ipv6" : null);
    }

    /// <summary>False when it was gone already.</summary>
    public bool Remove(LinkAddress address, string device)
    {
        var answer = Request(RTM_DELADDR, NLM_F_ACK, writer => LinkAddress.Write(writer, address));
        if (answer.Errno is Errno.EADDRNOTAVAIL or Errno.ENODEV) return false;
        return answer.Ok ? true : throw AddressException.For($"remove {address.Address}/{address.PrefixLength} from", device, answer);
    }

    // A list that changes while it is read may come with gaps; the kernel says so, and nothing may be decided by it.
    NetlinkAnswer Dump(Action clear, ushort type, Action<MessageWriter> write, PayloadHandler onPayload)
    {
        const int Attempts = 10;
        NetlinkAnswer answer;
        var attempt = 0;
        do
        {
            clear();
            answer = Request(type, NLM_F_DUMP, write, onPayload);
        }
        while (answer.Ok && _connection.DumpWasInterrupted && ++attempt < Attempts);
        return answer.Ok && _connection.DumpWasInterrupted ? new(Errno.EAGAIN) : answer;
    }

    NetlinkAnswer Request(ushort type, ushort flags, Action<MessageWriter> write, PayloadHandler? onPayload = null)
    {
        _writer.Clear();
        var sequence = _connection.NextSequence();
        var message = _writer.BeginMessage(type, flags, sequence);
        write(_writer);
        _writer.EndMessage(message);
        return _connection.Exchange(_writer.Written, sequence, onPayload);
    }
}
