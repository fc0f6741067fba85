using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Ipvs;

/// <summary>
/// What to tell an operator. The kernel gives IPVS errors no text, so the likely cause is worked out from the change itself, by the
/// cases the kernel is known to refuse (observed on 6.1 and 7.2).
/// </summary>
static class IpvsAdvice
{
    public static (string Operation, string? Subject) Describe(TableChange change) => change switch
    {
        TableChange.AddService add => ("add virtual service", add.Service.Key.ToString()),
        TableChange.SetService set => ("change virtual service", set.Service.Key.ToString()),
        TableChange.RemoveService remove => ("remove virtual service", remove.Service.ToString()),
        TableChange.AddServer add => ("add real server", $"{add.Server.Key} to {add.Service}"),
        TableChange.SetServer set => ("change real server", $"{set.Server.Key} of {set.Service}"),
        TableChange.RemoveServer remove => ("remove real server", $"{remove.Server} from {remove.Service}"),
        TableChange.Flush => ("clear the table", null),
        TableChange.Zero { Service: { } service } => ("zero the counters of", service.ToString()),
        TableChange.Zero => ("zero the counters", null),
        TableChange.SetTimeouts => ("set the connection time-outs", null),
        TableChange.StartSyncDaemon start => ("start the sync daemon", $"{StateName(start.Daemon.State)} on {start.Daemon.Interface}"),
        TableChange.StopSyncDaemon stop => ("stop the sync daemon", StateName(stop.State)),
        _ => (change.GetType().Name, null),
    };

    static string StateName(SyncState state) => state == SyncState.Master ? "master" : "backup";

    public static string? For(IpvsErrorReason reason, TableChange? change, Errno errno = Errno.OK) => reason switch
    {
        IpvsErrorReason.Other => OtherAdvice(change, errno),
        IpvsErrorReason.NoKernelSupport =>
            "this kernel has no IPVS: install the package with the kernel's extra modules and run modprobe ip_vs",
        IpvsErrorReason.NotPermitted => Environment.IsPrivilegedProcess
            ? "IPVS needs CAP_NET_ADMIN in the initial user namespace; root of a container or of unshare -U does not have it"
            : "IPVS needs CAP_NET_ADMIN: run as root",
        IpvsErrorReason.Exists => change is TableChange.StartSyncDaemon
            ? "such a daemon runs already; stop it first"
            : "it is there already; change it instead",
        IpvsErrorReason.ServiceMissing => change is TableChange.StopSyncDaemon ? "no such daemon runs" : "there is no such virtual service",
        IpvsErrorReason.ServerMissing => "the virtual service has no such real server",
        IpvsErrorReason.SchedulerMissing => SchedulerAdvice(change),
        IpvsErrorReason.Invalid => change is null ? null : InvalidAdvice(change),
        IpvsErrorReason.AnswerLost => change is null
            ? "the kernel gave no answer; try again"
            : "the kernel gave no answer and the table, read again, does not show the change; try again",
        IpvsErrorReason.Unsettled => "something else keeps changing the table; stop it or try again",
        _ => null,
    };

    static string? OtherAdvice(TableChange? change, Errno errno) => (change, errno) switch
    {
        (TableChange.StartSyncDaemon start, Errno.ENODEV) => $"there is no interface {start.Daemon.Interface}: 'ip link' lists them",
        (TableChange.StartSyncDaemon start, Errno.ENETUNREACH or Errno.EADDRNOTAVAIL) =>
            $"{start.Daemon.Interface} has no address or route for the multicast group: bring it up and give it an address of that family",
        (_, Errno.ENOMEM) => "the kernel is out of memory, or the connection table's accounting is; free some and try again",
        _ => null,
    };

    static string? SchedulerAdvice(TableChange? change)
    {
        if (ServiceOf(change) is not { } service) return null;
        return service.PersistenceEngine is { } engine
            ? $"the kernel has no scheduler {service.Scheduler} or no persistence engine {engine}: try modprobe ip_vs_{service.Scheduler} and modprobe ip_vs_pe_{engine}"
            : $"the kernel has no scheduler {service.Scheduler}: try modprobe ip_vs_{service.Scheduler}, or choose another";
    }

    static VirtualService? ServiceOf(TableChange? change) => change switch
    {
        TableChange.AddService add => add.Service,
        TableChange.SetService set => set.Service,
        _ => null,
    };

    static string? InvalidAdvice(TableChange change) => change switch
    {
        TableChange.AddServer add => InvalidServer(add.Service, add.Server),
        TableChange.SetServer set => InvalidServer(set.Service, set.Server),
        TableChange.StartSyncDaemon =>
            "a sync daemon needs an existing interface that can multicast and a multicast group, and cannot run while a service has real servers of another address family",
        _ when ServiceOf(change) is { Key.Family: IpFamily.IPv6, Netmask: < 1 or > 128 } => "an IPv6 netmask is a prefix length 1..128",
        _ when ServiceOf(change) is { Key.Family: IpFamily.IPv6 } => "check the netmask and names; the kernel may also run without IPv6",
        _ => null,
    };

    static string InvalidServer(ServiceKey service, RealServer server)
    {
        if (server.LowerThreshold > server.UpperThreshold) return "the lower threshold must not exceed the upper one";
        if (server.Weight < 0) return "a weight is 0 or more";
        if (server.Key.Address.Family() != service.Family)
        {
            return server.Forward == ForwardingMethod.Tunnel
                ? "real servers of another address family are refused while a sync daemon runs"
                : "a real server of another address family needs tunnel mode";
        }
        if (server is { Forward: ForwardingMethod.Tunnel, Tunnel: { Type: TunnelType.Gue, Port: 0 } }) return "a GUE tunnel needs a port";
        return IsUnicast(server.Key.Address)
            ? "the address must be a unicast address that is no broadcast address here, a link-local one must be this host's own, and some interface (lo at least) must be up"
            : "the address must be a unicast address";
    }

    static bool IsUnicast(IPAddress address)
    {
        var first = address.GetAddressBytes()[0];
        return address.Family() == IpFamily.IPv6 ? first != 0xff : first is not 0 and < 224;
    }
}
