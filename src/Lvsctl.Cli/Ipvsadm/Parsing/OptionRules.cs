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

    static readonly OptionRules OfService = new(OptionSet.Of(Option.Service), ServiceSettings);
    static readonly OptionRules OfServiceKey = new(OptionSet.Of(Option.Service), default);
    static readonly OptionRules OfServer = new(OptionSet.Of(Option.Service, Option.Server), ServerSettings);
    static readonly OptionRules OfServerKey = new(OptionSet.Of(Option.Service, Option.Server), default);
    static readonly OptionRules OfList = new(default, ListSettings, OptionSet.Of(Option.Connection, Option.Service, Option.Timeout, Option.Daemon));
    static readonly OptionRules OfZero = new(default, OptionSet.Of(Option.Service));
    static readonly OptionRules OfSave = new(default, OptionSet.Of(Option.Numeric, Option.Full));
    static readonly OptionRules OfStartDaemon = new(default, DaemonSettings);
    static readonly OptionRules OfStopDaemon = new(default, OptionSet.Of(Option.SyncId));

    static readonly OptionRules OfGue = new(
        OptionSet.Of(Option.TunnelPort), default, OptionSet.Of(Option.TunnelNoChecksum, Option.TunnelChecksum, Option.TunnelRemoteChecksum));
    static readonly OptionRules OfGre = new(default, default, OptionSet.Of(Option.TunnelNoChecksum, Option.TunnelChecksum));

    static OptionRules For(CommandKind command) => command switch
    {
        CommandKind.AddService or CommandKind.EditService => OfService,
        CommandKind.DeleteService => OfServiceKey,
        CommandKind.AddServer or CommandKind.EditServer => OfServer,
        CommandKind.DeleteServer => OfServerKey,
        CommandKind.List => OfList,
        CommandKind.Zero => OfZero,
        CommandKind.Save => OfSave,
        CommandKind.StartDaemon => OfStartDaemon,
        CommandKind.StopDaemon => OfStopDaemon,
        _ => default,
    };

    static OptionRules For(TunnelType type) => type switch
    {
        TunnelType.Gue => OfGue,
        TunnelType.Gre => OfGre,
        _ => default,
    };

    public static UsageError? Check(CommandKind command, OptionSet given)
    {
        var rules = For(command);
        return rules.Allow(given) ? null : rules.Complaint(given, command.Name(), "command");
    }

    public static UsageError? Check(TunnelType type, OptionSet given)
    {
        var rules = For(type);
        var concerned = given & TunnelSettings;
        return rules.Allow(concerned) ? null : rules.Complaint(concerned, TableWords.Of(type), "tunnel type");
    }

    bool Allow(OptionSet given) =>
        Required.IsSubsetOf(given) && given.IsSubsetOf(Required | Allowed | AtMostOne) && (given & AtMostOne).Count <= 1;

    // The first in the options' order, as ipvsadm finds it.
    UsageError? Complaint(OptionSet given, string name, string kind)
    {
        Option? one = null;
        for (Option option = 0; (int)option < Options.Count; option++)
        {
            if (!given.Has(option))
            {
                if (Required.Has(option)) return UsageError.Invalid($"You need to supply the '{option.Name()}' option for the '{name}' {kind}");
            }
            else if (AtMostOne.Has(option))
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
