using Lvsctl.Core.Model;

namespace Lvsctl.Cli.Ipvsadm.Parsing;

/// <summary>The three flags a scheduler may have. sh and mh have names of their own for the first two.</summary>
static class SchedulerFlagNames
{
    public static UsageError? Parse(string text, string scheduler, out ServiceFlags flags)
    {
        flags = ServiceFlags.None;
        foreach (var range in text.AsSpan().Split(','))
        {
            var name = text.AsSpan()[range];
            if (name.IsEmpty) continue;
            var (flag, only) = Find(name);
            if (flag == ServiceFlags.None) return UsageError.Invalid($"invalid scheduler flag `{name}'");
            if (only is not null && only != scheduler) return UsageError.Invalid($"incompatible scheduler flag `{name}'");
            flags |= flag;
        }
        return null;
    }

    static (ServiceFlags Flag, string? OnlyScheduler) Find(ReadOnlySpan<char> name) => name switch
    {
        "flag-1" => (ServiceFlags.Scheduler1, null),
        "flag-2" => (ServiceFlags.Scheduler2, null),
        "flag-3" => (ServiceFlags.Scheduler3, null),
        "sh-fallback" => (ServiceFlags.Scheduler1, "sh"),
        "sh-port" => (ServiceFlags.Scheduler2, "sh"),
        "mh-fallback" => (ServiceFlags.Scheduler1, "mh"),
        "mh-port" => (ServiceFlags.Scheduler2, "mh"),
        _ => default,
    };

    /// <summary>As ipvsadm shows them: a flag for which sh or mh has no name is left out.</summary>
    public static string Text(string scheduler, ServiceFlags flags) => scheduler switch
    {
        "sh" => Join(flags, "sh-fallback", "sh-port", null),
        "mh" => Join(flags, "mh-fallback", "mh-port", null),
        _ => FullText(flags),
    };

    /// <summary>None left out; for every scheduler these names are accepted.</summary>
    public static string FullText(ServiceFlags flags) => Join(flags, "flag-1", "flag-2", "flag-3");

    static string Join(ServiceFlags flags, string first, string second, string? third)
    {
        var text = "";
        if ((flags & ServiceFlags.Scheduler1) != 0) text = first;
        if ((flags & ServiceFlags.Scheduler2) != 0) text = text.Length == 0 ? second : $"{text},{second}";
        if (third is not null && (flags & ServiceFlags.Scheduler3) != 0) text = text.Length == 0 ? third : $"{text},{third}";
        return text;
    }
}
