namespace Lvsctl.Core.Model;

/// <summary><c>IP_VS_SVC_F_*</c> (linux/ip_vs.h).</summary>
[Flags]
public enum ServiceFlags : uint
{
    None = 0,
    Persistent = 0x1,

    /// <summary>The kernel's own mark; never compared, never sent.</summary>
    Hashed = 0x2,

    /// <summary>Each UDP packet is scheduled alone.</summary>
    OnePacket = 0x4,

    /// <summary><c>flag-1</c>; for sh and mh: fall back to the next server.</summary>
    Scheduler1 = 0x8,

    /// <summary><c>flag-2</c>; for sh and mh: hash the source port too.</summary>
    Scheduler2 = 0x10,

    /// <summary><c>flag-3</c>.</summary>
    Scheduler3 = 0x20,

    /// <summary>The three flags that belong to the scheduler.</summary>
    SchedulerFlags = Scheduler1 | Scheduler2 | Scheduler3,
}
