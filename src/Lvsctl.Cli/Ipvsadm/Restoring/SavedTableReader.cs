using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Names;

namespace Lvsctl.Cli.Ipvsadm.Restoring;

/// <summary>What ipvsadm-save wrote, as the table that restoring it into an empty kernel would make. Lines that begin with # are comments, as for ipvsadm-restore.</summary>
sealed class SavedTableReader
{
    readonly List<(VirtualService Service, List<RealServer> Servers)> _services = [];
    readonly Dictionary<ServiceKey, int> _places = [];
    readonly HashSet<(ServiceKey, RealServerKey)> _servers = [];
    readonly List<(int Line, string Text)> _errors = [];
    readonly List<string> _remarks = [];

    SavedTableReader()
    {
    }

    public IEnumerable<(VirtualService, IReadOnlyList<RealServer>)> Table => _services.Select(s => (s.Service, (IReadOnlyList<RealServer>)s.Servers));

    /// <summary>Null where no line sets them.</summary>
    public ConnectionTimeouts? Timeouts { get; private set; }

    public IReadOnlyList<(int Line, string Text)> Errors => _errors;

    /// <summary>Of what the file says and is no part of a table.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    public static SavedTableReader Read(Stream input, INames names)
    {
        var table = new SavedTableReader();
        var lines = new RestoreInput(input);
        for (var line = 1; lines.Read(); line++)
        {
            if (lines.Words.IsEmpty || lines.Words[0].StartsWith('#')) continue;
            var (command, error) = CommandLine.Parse(lines.Words, "ipvsadm", names);
            var problem = error is not null
                ? error.Text.StartsWith("Try ", StringComparison.Ordinal) ? $"'{lines.Words[0]}' is no command of ipvsadm" : error.Text
                : table.Take(command!);
            if (problem is not null) table._errors.Add((line, problem));
        }
        return table;
    }

    string? Take(ParsedCommand command)
    {
        switch (command)
        {
            case ParsedCommand.Change(TableChange.AddService(var service)):
                if (!_places.TryAdd(service.Key, _services.Count)) return $"there is a service {service.Key} already";
                _services.Add((service, []));
                return null;
            case ParsedCommand.Change(TableChange.AddServer(var key, var server)):
                if (!_places.TryGetValue(key, out var place)) return $"no line before this one adds the service {key}";
                if (!_servers.Add((key, server.Key))) return $"service {key} has a server {server.Key} already";
                if (server.LowerThreshold > server.UpperThreshold) return $"the lower threshold {server.LowerThreshold} is above the upper one, {server.UpperThreshold}";
                _services[place].Servers.Add(server);
                return null;
            case ParsedCommand.Change(TableChange.SetTimeouts(var timeouts)):
                Timeouts = timeouts;
                return null;
            case ParsedCommand.Change(TableChange.StartSyncDaemon(var daemon)):
                _remarks.Add($"the {daemon.State.ToString().ToLowerInvariant()} sync daemon on {daemon.Interface} is left out: connection sync belongs to a virtual router (vrrp)");
                return null;
            default:
                return "a saved table has lines of -A, -a, --set and --start-daemon only";
        }
    }
}
