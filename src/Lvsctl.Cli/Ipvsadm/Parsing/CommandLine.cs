using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm.Parsing;

/// <summary>
/// Reads one command line, of a shell or of -R's input. Options take effect in their order, because ipvsadm's do: -6 means something
/// only after -f, and -r without a port takes the port of the service that has been named before it.
/// </summary>
sealed partial class CommandLine
{
    readonly INames _names;
    readonly CommandKind _command;
    OptionSet _given;

    // The service as far as it is known.
    IpFamily? _family;
    TransportProtocol _protocol;
    IPAddress _address = IPAddress.Any;
    ushort _port;
    uint _mark;
    uint _netmask = uint.MaxValue;
    ServiceFlags _flags;
    uint _persistenceTimeout;
    string _scheduler = "";
    string? _schedulerFlags;
    string _engine = "";

    Endpoint _server;
    ForwardingMethod _forward = ForwardingMethod.DirectRouting;
    int _weight = 1;
    uint _upperThreshold;
    uint _lowerThreshold;
    TunnelType _tunnelType;
    ushort _tunnelPort;
    TunnelChecksum _tunnelChecksum;

    SyncState _state;
    string _interface = "eth0";
    uint _syncId;
    ushort _maxLength;
    IPAddress? _group;
    ushort _groupPort;
    byte _ttl;

    ConnectionTimeouts _timeouts;

    CommandLine(CommandKind command, INames names)
    {
        _command = command;
        _names = names;
    }

    /// <param name="words">Without the program's name.</param>
    /// <param name="program">The program's name, as it was called.</param>
    /// <returns>Exactly one of the two.</returns>
    public static (ParsedCommand? Command, UsageError? Error) Parse(ReadOnlySpan<string> words, string program, INames names)
    {
        if (words.IsEmpty) return (new ParsedCommand.List(ListRequest.Everything), null);

        var scanner = new OptionScanner(words);
        if (scanner.Next(out var first, out var argument) != Scan.Found) return (null, UsageError.TryHelp(program));
        if (first == Switch.Help) return (new ParsedCommand.Help(), null);
        if (first == Switch.Version) return (new ParsedCommand.Version(), null);
        if (first.Command() is not { } command) return (null, UsageError.TryHelp(program));

        var line = new CommandLine(command, names);
        var error = line.TakeState(argument) ?? line.TakeOptions(ref scanner) ?? line.TakePlainWords(scanner.PlainWords) ?? line.Check();
        return error is null ? (line.Build(), null) : (null, error);
    }

    UsageError? TakeState(string? argument)
    {
        if (_command is not (CommandKind.StartDaemon or CommandKind.StopDaemon)) return null;
        switch (argument)
        {
            case "master": _state = SyncState.Master; return null;
            case "backup": _state = SyncState.Backup; return null;
        }
        return UsageError.Invalid(_command == CommandKind.StartDaemon ? "illegal start-daemon parameter specified" : "illegal start_daemon specified");
    }

    UsageError? TakeOptions(ref OptionScanner scanner)
    {
        while (true)
        {
            var scan = scanner.Next(out var found, out var argument);
            switch (scan)
            {
                case Scan.End: return null;
                case Scan.UnknownOption: return UsageError.Unreadable(scanner.LastWord, "unknown option");
                case Scan.MissingArgument: return UsageError.Unreadable(scanner.LastWord, "missing argument");
                case Scan.UnwantedArgument: return UsageError.Unreadable(scanner.LastWord, "option does not take an argument");
            }
            if (Take(found, argument ?? "", argument is not null, scanner.LastWord) is { } error) return error;
        }
    }

    UsageError? TakePlainWords(List<string>? words)
    {
        var taken = 0;
        if (_command == CommandKind.SetTimeouts)
        {
            if (words is null || words.Count < 3) return UsageError.Invalid("--set option requires 3 timeout values");
            Span<uint> seconds = stackalloc uint[3];
            for (; taken < 3; taken++)
            {
                if (!DecimalNumber.TryParse(words[taken], 0, MaxTimeout, out var number)) return InvalidTimeout(words[taken]);
                seconds[taken] = (uint)number;
            }
            _timeouts = new(seconds[0], seconds[1], seconds[2]);
        }
        return words is null || words.Count == taken ? null : UsageError.Invalid($"unexpected argument {words[taken]}");
    }

    // Everything that can be judged only when the whole line is known.
    UsageError? Check()
    {
        if (_scheduler.Length == 0) _scheduler = VirtualService.DefaultScheduler;
        if (_schedulerFlags is not null)
        {
            if (SchedulerFlagNames.Parse(_schedulerFlags, _scheduler, out var flags) is { } error) return error;
            _flags |= flags;
        }
        return OptionRules.Check(_command, _given) ?? _command switch
        {
            CommandKind.AddService or CommandKind.EditService => CheckService(),
            CommandKind.AddServer or CommandKind.EditServer => CheckServer(),
            CommandKind.List => CheckList(),
            _ => null,
        };
    }

    UsageError? CheckService()
    {
        if (_mark != 0) return null;
        if (_port == 0 && (_flags & ServiceFlags.Persistent) == 0) return UsageError.Invalid("Zero port specified for non-persistent service");
        if ((_flags & ServiceFlags.OnePacket) != 0 && _protocol != TransportProtocol.Udp)
            return UsageError.Invalid("One-Packet Scheduling is only for UDP virtual services");
        return null;
    }

    static readonly OptionSet TunnelOptions = OptionSet.Of(
        Option.TunnelType, Option.TunnelPort, Option.TunnelNoChecksum, Option.TunnelChecksum, Option.TunnelRemoteChecksum);

    UsageError? CheckServer()
    {
        if (_forward == ForwardingMethod.Tunnel) return OptionRules.Check(_tunnelType, _given);
        if (_server.Address.Family() != Family) return UsageError.Invalid("Different address family is allowed only for tunneling servers");
        return _given.HasAny(TunnelOptions) ? UsageError.Invalid("Tunnel options conflict with forward method") : null;
    }

    static readonly OptionSet TableColumnOptions = OptionSet.Of(Option.Statistics, Option.Rate, Option.Thresholds);

    UsageError? CheckList()
    {
        var noTable = _given.Has(Option.Timeout) || _given.Has(Option.Daemon);
        return ((noTable || _given.Has(Option.Connection)) && _given.HasAny(TableColumnOptions)) || (noTable && _given.Has(Option.PersistentConnections))
            ? UsageError.Invalid("options conflicts in the list command")
            : null;
    }

    IpFamily Family => _family ?? IpFamily.IPv4;
}
