using Lvsctl.Core.Health;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Director.Probing;

/// <summary>What the kernel's error numbers say of whom: of the server, or of the director itself.</summary>
static class ProbeErrors
{
    /// <summary>Of an error that a call gave at once, before a packet could have come back.</summary>
    public static ProbeReason AtOnce(Errno errno) => errno switch
    {
        // Over loopback the answer is there before the call returns.
        Errno.ECONNREFUSED => ProbeReason.Refused,
        Errno.ENETUNREACH or Errno.EHOSTUNREACH or Errno.ENETDOWN or Errno.EINVAL or Errno.ENODEV => ProbeReason.NoRoute,
        Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM or Errno.EAGAIN or Errno.EADDRNOTAVAIL => ProbeReason.NoResources,
        _ => ProbeReason.NotPossible,
    };

    /// <summary>Of an error that came back over the network.</summary>
    public static ProbeReason Answered(Errno errno) => errno switch
    {
        Errno.ECONNREFUSED => ProbeReason.Refused,
        Errno.ECONNRESET or Errno.EPIPE => ProbeReason.Reset,
        Errno.ETIMEDOUT => ProbeReason.TimedOut,
        Errno.ENOBUFS or Errno.ENOMEM => ProbeReason.NoResources,
        Errno.EPERM or Errno.EACCES => ProbeReason.NotPossible,
        _ => ProbeReason.Unreachable,
    };

    /// <summary>Words for people; null where the reason says it all.</summary>
    public static string? Detail(Errno errno) => errno switch
    {
        Errno.ECONNREFUSED => "connection refused",
        Errno.ECONNRESET or Errno.EPIPE => "connection reset",
        Errno.EHOSTUNREACH => "no route to host",
        Errno.ENETUNREACH => "network is unreachable",
        Errno.EMFILE => "this process has no descriptors left (LimitNOFILE, ulimit -n)",
        Errno.ENFILE => "this machine has no descriptors left (fs.file-max)",
        Errno.EADDRNOTAVAIL => "no local port left (net.ipv4.ip_local_port_range)",
        Errno.EACCES or Errno.EPERM => "forbidden by a route or a packet filter of the director, or lacking a capability",
        Errno.EAFNOSUPPORT => "the director has no IPv6",
        _ => ErrnoText.Describe(errno),
    };
}
