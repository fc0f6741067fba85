using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Linux.Ipvs;

/// <summary>What kind of trouble it is, for callers that act on it; the errno alone does not tell (ENOENT has three meanings).</summary>
public enum IpvsErrorReason
{
    /// <summary>Anything the kernel said that has no name here.</summary>
    Other,

    /// <summary>This kernel has no IPVS, or its module is gone.</summary>
    NoKernelSupport,

    /// <summary>No CAP_NET_ADMIN in the initial user namespace.</summary>
    NotPermitted,

    /// <summary>The service, server or daemon is there already.</summary>
    Exists,

    /// <summary>No such virtual service, or no such daemon runs.</summary>
    ServiceMissing,

    ServerMissing,

    /// <summary>The kernel has neither the scheduler or persistence engine nor a module that brings it.</summary>
    SchedulerMissing,

    /// <summary>The kernel finds a value wrong; it does not say which.</summary>
    Invalid,

    /// <summary>No answer came; for a change, reading back shows that it is not in effect.</summary>
    AnswerLost,

    /// <summary>The table changed while it was read, again and again.</summary>
    Unsettled,
}

/// <summary>An IPVS request failed. The message says what was asked, of which service or server, what the kernel answered and what to do.</summary>
public sealed class IpvsException : Exception
{
    internal IpvsException(string operation, string? subject, IpvsErrorReason reason, NetlinkAnswer answer, string? advice)
        : base(Compose(operation, subject, answer, advice))
    {
        Operation = operation;
        Subject = subject;
        Reason = reason;
        Errno = answer.Errno;
        Advice = advice;
    }

    /// <summary><c>add virtual service</c>, <c>list real servers</c>, …</summary>
    public string Operation { get; }

    /// <summary>The service or server, or null where the operation has none.</summary>
    public string? Subject { get; }

    public IpvsErrorReason Reason { get; }

    public Errno Errno { get; }

    /// <summary>What an operator should do about it, or null.</summary>
    public string? Advice { get; }

    /// <summary>Trying the same again later may succeed.</summary>
    public bool IsTransient => Reason is IpvsErrorReason.AnswerLost or IpvsErrorReason.Unsettled || Errno is Errno.ENOMEM or Errno.EBUSY or Errno.EAGAIN;

    static string Compose(string operation, string? subject, NetlinkAnswer answer, string? advice)
    {
        var what = subject is null ? operation : $"{operation} {subject}";
        var kernel = answer.KernelText is null ? "" : $", kernel: {answer.KernelText}";
        return advice is null
            ? $"cannot {what}: {ErrnoText.Describe(answer.Errno)}{kernel}"
            : $"cannot {what}: {ErrnoText.Describe(answer.Errno)}{kernel}; {advice}";
    }

    internal static IpvsException ForQuery(string operation, string? subject, NetlinkAnswer answer)
    {
        var reason = answer.IsLost ? IpvsErrorReason.AnswerLost : GeneralReason(answer.Errno);
        return new(operation, subject, reason, answer, IpvsAdvice.For(reason, change: null));
    }

    internal static IpvsException ForChange(TableChange change, NetlinkAnswer answer)
    {
        var (operation, subject) = IpvsAdvice.Describe(change);
        var reason = answer.IsLost ? IpvsErrorReason.AnswerLost : ReasonOf(change, answer.Errno);
        return new(operation, subject, reason, answer, IpvsAdvice.For(reason, change, answer.Errno));
    }

    /// <summary>The family could not be looked up or does not answer.</summary>
    internal static IpvsException ForUnavailable(NetlinkAnswer answer)
    {
        var reason = answer.IsLost ? IpvsErrorReason.AnswerLost : GeneralReason(answer.Errno);
        return new("use IPVS", null, reason, answer, IpvsAdvice.For(reason, change: null));
    }

    static IpvsErrorReason ReasonOf(TableChange change, Errno errno) => (change, errno) switch
    {
        (TableChange.AddService or TableChange.SetService, Errno.ENOENT) => IpvsErrorReason.SchedulerMissing,
        (TableChange.SetServer or TableChange.RemoveServer, Errno.ENOENT) => IpvsErrorReason.ServerMissing,
        _ => GeneralReason(errno),
    };

    static IpvsErrorReason GeneralReason(Errno errno) => errno switch
    {
        Errno.EPERM or Errno.EACCES => IpvsErrorReason.NotPermitted,
        Errno.ENOENT or Errno.ENOPROTOOPT or Errno.EPROTONOSUPPORT => IpvsErrorReason.NoKernelSupport,
        Errno.EEXIST => IpvsErrorReason.Exists,
        Errno.ESRCH => IpvsErrorReason.ServiceMissing,
        Errno.EINVAL or Errno.ERANGE or Errno.EAFNOSUPPORT => IpvsErrorReason.Invalid,
        _ => IpvsErrorReason.Other,
    };
}

/// <summary>A change that is not in effect, and why. <paramref name="Index"/> is its place in the list that was applied.</summary>
public sealed record ChangeFailure(int Index, TableChange Change, IpvsException Error);
