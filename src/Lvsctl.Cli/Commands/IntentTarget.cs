using System.CommandLine;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Cli.Commands;

/// <summary>Which server a verb is about, and the options that go with it.</summary>
sealed class IntentTarget
{
    readonly Argument<string> _server = new("SERVER") { Description = "The manifest's name of the server, as rs1, or with its service, as web/rs1" };
    readonly Option<string?> _service = new("--service") { Description = "Only in this service; otherwise in every service that has a server of that name", HelpName = "NAME" };

    public PlanSettings Settings { get; } = new();

    public Command Command(string name, string description, params Option[] options)
    {
        var command = new Command(name, description);
        command.Arguments.Add(_server);
        command.Options.Add(_service);
        foreach (var option in options) command.Options.Add(option);
        command.Options.Add(Settings.Manifest);
        command.Options.Add(Settings.StateDirectory);
        command.Options.Add(Settings.MaxUnavailable);
        command.Options.Add(Settings.MaxDeletes);
        Settings.AddActing(command);
        return command;
    }

    /// <summary>The server's name, and the service's or null.</summary>
    /// <param name="intents">Those that may be taken back even though the manifest no longer names their servers.</param>
    /// <exception cref="ManifestException">The manifest has no such server.</exception>
    public (string Server, string? Service) Resolve(ParseResult parsed, DesiredTable manifest, IReadOnlyList<Intent> intents)
    {
        var (server, service) = (parsed.GetRequiredValue(_server), parsed.GetValue(_service));
        if (service is null && server.Split('/') is [var before, var after]) (service, server) = (before, after);
        if (intents.Any(i => i.Server == server && (service is null || i.Service == service))) return (server, service);

        var services = manifest.Services.Where(s => service is null || s.Name == service).ToList();
        if (services.Count == 0) throw new ManifestException(ExitCode.Usage, $"the manifest has no service '{service}'");
        if (services.Exists(s => s.Servers.Any(r => r.Name == server))) return (server, service);
        var known = services.SelectMany(s => s.Servers.Select(r => r.Name)).Distinct().ToList();
        var some = known.Count <= 8 ? string.Join(", ", known) : $"{string.Join(", ", known.Take(8))} and {known.Count - 8} more";
        throw new ManifestException(ExitCode.Usage, $"{(service is null ? "the manifest" : $"service '{service}'")} has no server '{server}'; it has {some}");
    }
}
