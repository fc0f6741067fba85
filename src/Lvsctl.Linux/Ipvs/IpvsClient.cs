using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;
using static Lvsctl.Linux.Ipvs.IpvsConstants;
using static Lvsctl.Linux.Netlink.NetlinkConstants;

namespace Lvsctl.Linux.Ipvs;

/// <summary>
/// The kernel's IPVS table over generic netlink, in the network namespace of the thread that opened it. One caller at a time.
/// Reads return what the kernel says; <see cref="Apply"/> is the one way to write. Needs CAP_NET_ADMIN in the initial user namespace,
/// for reading too.
/// </summary>
public sealed partial class IpvsClient : IDisposable
{
    readonly NetlinkConnection _connection;
    readonly MessageWriter _writer = new();
    ushort _family;

    /// <exception cref="IpvsException">The kernel has no IPVS, or we have no right to it.</exception>
    /// <exception cref="NetlinkException">No netlink socket could be had.</exception>
    public static IpvsClient Open()
    {
        var socket = NetlinkSocket.OpenGeneric();
        try
        {
            return new IpvsClient(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <param name="transport">Belongs to the client from now on.</param>
    /// <param name="clock">Measures how long an answer takes; the system's own where none is given.</param>
    /// <exception cref="IpvsException">The kernel has no IPVS, or we have no right to it.</exception>
    public IpvsClient(INetlinkTransport transport, TimeProvider? clock = null)
    {
        _connection = new NetlinkConnection(transport, clock ?? TimeProvider.System);
        var answer = GenericFamily.Resolve(_connection, IPVS_GENL_NAME, out _family);
        // Anyone may look the family up; that it is ours to use shows only in the first command.
        if (answer.Ok) answer = TryGetInfo(out _);
        if (!answer.Ok) throw IpvsException.ForUnavailable(answer);
    }

    public void Dispose() => _connection.Dispose();

    public IpvsInfo GetInfo()
    {
        var answer = TryGetInfo(out var info);
        return answer.Ok ? info : throw IpvsException.ForQuery("read the version of IPVS", null, answer);
    }

    NetlinkAnswer TryGetInfo(out IpvsInfo info)
    {
        var read = default(IpvsInfo);
        var answer = Request(IPVS_CMD_GET_INFO, NLM_F_ACK, null, payload => read = IpvsInfo.Read(GenericFamily.Attributes(payload)));
        info = read;
        return answer;
    }

    public ConnectionTimeouts GetTimeouts()
    {
        var timeouts = default(ConnectionTimeouts);
        var answer = Request(IPVS_CMD_GET_CONFIG, NLM_F_ACK, null, payload => timeouts = ChangeCodec.ReadTimeouts(GenericFamily.Attributes(payload)));
        return answer.Ok ? timeouts : throw IpvsException.ForQuery("read the connection time-outs", null, answer);
    }

    /// <summary>Those that run: none, one or two, the master first.</summary>
    public IReadOnlyList<SyncDaemon> ListSyncDaemons()
    {
        var daemons = new List<SyncDaemon>();
        var answer = Request(IPVS_CMD_GET_DAEMON, NLM_F_DUMP, null, payload =>
        {
            if (SyncDaemonCodec.Read(GenericFamily.Attributes(payload)) is { } daemon) daemons.Add(daemon);
        });
        return answer.Ok ? daemons : throw IpvsException.ForQuery("list the sync daemons", null, answer);
    }

    /// <summary>
    /// One pass over the table, in the kernel's order, each service once. While others change the table a pass may miss entries;
    /// <see cref="ReadTable"/> is for decisions.
    /// </summary>
    public IReadOnlyList<ObservedService> ListServices()
    {
        var services = new OrderedByKey<ServiceKey, ObservedService>();
        var answer = Request(IPVS_CMD_GET_SERVICE, NLM_F_DUMP, null, payload =>
        {
            if (ServiceCodec.Read(GenericFamily.Attributes(payload)) is { } service) services.Set(service.Service.Key, service);
        });
        return answer.Ok ? services.Values : throw IpvsException.ForQuery("list the virtual services", null, answer);
    }

    public ObservedService? FindService(ServiceKey key)
    {
        ObservedService? service = null;
        var answer = Request(IPVS_CMD_GET_SERVICE, NLM_F_ACK, writer => ServiceCodec.WriteKey(writer, key),
            payload => service = ServiceCodec.Read(GenericFamily.Attributes(payload)));
        if (answer.Errno == Errno.ESRCH) return null;
        return answer.Ok ? service : throw IpvsException.ForQuery("read virtual service", key.ToString(), answer);
    }

    /// <summary>In the kernel's order, each server once. Empty as well when the service is missing: the kernel makes no difference.</summary>
    public IReadOnlyList<ObservedServer> ListServers(ServiceKey service)
    {
        var servers = new OrderedByKey<RealServerKey, ObservedServer>();
        var answer = Request(IPVS_CMD_GET_DEST, NLM_F_DUMP, writer => ServiceCodec.WriteKey(writer, service), payload =>
        {
            if (RealServerCodec.Read(GenericFamily.Attributes(payload), service.Family) is { } server) servers.Set(server.Server.Key, server);
        });
        return answer.Ok ? servers.Values : throw IpvsException.ForQuery("list the real servers of", service.ToString(), answer);
    }

    NetlinkAnswer Request(byte command, ushort flags, Action<MessageWriter>? writeAttributes, PayloadHandler onPayload)
    {
        var answer = RequestOnce(command, flags, writeAttributes, onPayload);
        return answer.Errno == Errno.ENOENT && FamilyMoved() ? RequestOnce(command, flags, writeAttributes, onPayload) : answer;
    }

    NetlinkAnswer RequestOnce(byte command, ushort flags, Action<MessageWriter>? writeAttributes, PayloadHandler onPayload)
    {
        _writer.Clear();
        var sequence = _connection.NextSequence();
        var message = _writer.BeginGenericMessage(_family, command, IPVS_GENL_VERSION, flags, sequence);
        writeAttributes?.Invoke(_writer);
        _writer.EndMessage(message);
        return _connection.Exchange(_writer.Written, sequence, onPayload);
    }

    /// <summary>
    /// Looks the family up again. ip_vs that was unloaded and loaded again has a new number, and the old one answers ENOENT, which also
    /// means "no such server" or "no such scheduler"; only this tells them apart.
    /// </summary>
    bool FamilyMoved()
    {
        if (!GenericFamily.Resolve(_connection, IPVS_GENL_NAME, out var family).Ok || family == _family) return false;
        _family = family;
        return true;
    }
}
