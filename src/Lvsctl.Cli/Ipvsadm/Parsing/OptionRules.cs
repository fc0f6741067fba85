using Lvsctl.Core.Model;

namespace Lvsctl.Cli.Ipvsadm.Parsing;

/// <summary>Which options go with a command or a tunnel, and which not.</summary>
/// <param name="AtMostOne">Allowed one at a time.</param>
readonly record struct OptionRules(OptionSet Required, OptionSet Allowed, OptionSet AtMostOne = default)
{
    static readonly OptionSet ServiceSettings = OptionSet.Of(
        Option.Scheduler, Option.Persistent, Option.Netmask, Option.OnePacket, Option.PersistenceEngine, Option.SchedulerFlags);

    static readonly OptionSet ServerSettings = OptionSet.Of(
        Option.Forward, Option.Weight, Option.UpperThreshold, Option.LowerThreshold,
        Option.TunnelType, Option.TunnelPort, Option.TunnelNoChecksum, Option.TunnelChecksum, Option.TunnelRemoteChecksum);

    static readonly OptionSet ListSettings = OptionSet.Of(
        Option.Numeric, Option.Statistics, Option.Rate, Option.Thresholds, Option.PersistentConnections, Option.NoSort, Option.SyncId,
        Option.Exact, Option.TunnelInfo, Option.Json);

    static readonly OptionSet DaemonSettings = OptionSet.Of(
        Option.MulticastInterface, Option.SyncId, Option.SyncMaxLength, Option.MulticastGroup, Option.MulticastPort, Option.MulticastTtl);

    static readonly OptionSet TunnelSettings = OptionSet.Of(
        Option.TunnelPort, Option.TunnelNoChecksum, Option.TunnelChecksum, Option.TunnelRemoteChecksum);

    static OptionRules For(CommandKind command) => command switch
    {
        CommandKind.AddService or CommandKind.EditService => new(OptionSet.Of(Option.Service), ServiceSettings),
        CommandKind.DeleteService => new(OptionSet.Of(Option.Service), default),
        CommandKind.AddServer or CommandKind.EditServer => new(OptionSet.Of(Option.Service, Option.Server), ServerSettings),
        CommandKind.DeleteServer => new(OptionSet.Of(Option.Service, Option.Server), default),
        CommandKind.List => new(default, ListSettings, OptionSet.Of(Option.Connection, Option.Service, Option.Timeout, Option.Daemon)),
        CommandKind.Zero => new(default, OptionSet.Of(Option.Service)),
        CommandKind.Save => new(default, OptionSet.Of(Option.Numeric, Option.Full)),
        CommandKind.StartDaemon => new(default, DaemonSettings),
        CommandKind.StopDaemon => new(default, OptionSet.Of(Option.SyncId)),
        _ => default,
    };

    static OptionRules For(TunnelType type) => type switch
    {
        TunnelType.Gue => new(
            OptionSet.Of(Option.TunnelPort), default, OptionSet.Of(Option.TunnelNoChecksum, Option.TunnelChecksum, Option.TunnelRemoteChecksum)),
        TunnelType.Gre => new(default, default, OptionSet.Of(Option.TunnelNoChecksum, Option.TunnelChecksum)),
        _ => default,
    };

    public static UsageError? Check(CommandKind command, OptionSet given) =>
        For(command).Check(given, new OptionSet(ulong.MaxValue), command.Name(), "command");

    public static UsageError? Check(TunnelType type, OptionSet given) => For(type).Check(given, TunnelSettings, TunnelNames.Name(type), "tunnel type");

    UsageError? Check(OptionSet given, OptionSet concerned, string name, string kind)
    {
        Option? one = null;
        for (Option option = 0; (int)option < Options.Count; option++)
        {
            if (!concerned.Has(option)) continue;
            if (!given.Has(option))
            {
                if (Required.Has(option)) return UsageError.Invalid($"You need to supply the '{option.Name()}' option for the '{name}' {kind}");
                continue;
            }
            if (AtMostOne.Has(option))
            {
                if (one is { } other)
                    return UsageError.Invalid($"The option '{option.Name()}' conflicts with the '{other.Name()}' option in the '{name}' {kind}");
                one = option;
            }
            else if (!Required.Has(option) && !Allowed.Has(option))
            {
                return UsageError.Invalid($"Illegal '{option.Name()}' option with the '{name}' {kind}");
            }
        }
        return null;
    }
}
