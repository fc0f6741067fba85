using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Cli.Ipvsadm;

/// <summary>ipvsadm's words for what the kernel refused.</summary>
static class KernelRefusal
{
    public static string Text(ChangeFailure failure) => Text(failure.Change, failure.Error);

    static string Text(TableChange change, IpvsException error) => (change, error.Errno) switch
    {
        _ when error.Reason == IpvsErrorReason.AnswerLost => error.Message,
        (TableChange.AddService, Errno.EEXIST) => "Service already exists",
        (TableChange.AddService or TableChange.SetService, Errno.ENOENT) => "Scheduler or persistence engine not found",
        (TableChange.SetService or TableChange.RemoveService or TableChange.Zero, Errno.ESRCH) => NoSuchService,
        (TableChange.AddServer or TableChange.SetServer or TableChange.RemoveServer, Errno.ESRCH) => "Service not defined",
        (TableChange.AddServer, Errno.EEXIST) => "Destination already exists",
        (TableChange.SetServer or TableChange.RemoveServer, Errno.ENOENT) => "No such destination",
        (TableChange.StartSyncDaemon, Errno.EEXIST) => "Daemon has already run",
        (TableChange.StopSyncDaemon, Errno.ESRCH) => "No daemon is running",
        _ => Text(error),
    };

    public const string NoSuchService = "No such service";

    public static string Text(IpvsException error) => error.Errno switch
    {
        _ when error.Reason is IpvsErrorReason.AnswerLost or IpvsErrorReason.Unsettled => error.Message,
        Errno.EPERM => "Permission denied (you must be root)",
        Errno.EINVAL => "Invalid operation.  Possibly wrong module version, address not unicast, ...",
        Errno.ENOPROTOOPT => "Protocol not available",
        Errno.ENOMEM => "Memory allocation problem",
        Errno.EOPNOTSUPP => "Operation not supported with IPv6",
        Errno.EAFNOSUPPORT => "Operation not supported with specified address family",
        Errno.EMEDIUMTYPE => "Module is wrong version",
        var other => other.Words(),
    };

    /// <summary>When nothing at all can be asked of the kernel.</summary>
    public static string Unavailable(bool notPermitted)
    {
        var why = notPermitted ? "Permission denied (you must be root)" : "Protocol not available";
        return $"Can't initialize ipvs: {why}\nAre you sure that IP Virtual Server is built in the kernel or as module?";
    }
}
