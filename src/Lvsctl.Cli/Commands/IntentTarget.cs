using System.CommandLine;
using Lvsctl.Core.Model;
using Lvsctl.Director.Intents;

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
        command.Options.Add(Settings.Socket);
        command.Options.Add(Settings.MaxUnavailable);
        command.Options.Add(Settings.MaxDeletes);
        Settings.AddActing(command);
        return command;
    }

    /// <summary>What the command line asks of the server; the verb adds what is its own.</summary>
    public IntentRequest Request(ParseResult parsed, string kind) => new(kind, parsed.GetRequiredValue(_server))
    {
        Service = parsed.GetValue(_service),
        MaxUnavailable = parsed.GetValue(Settings.MaxUnavailable)?.ToString(),
        MaxDeletes = parsed.GetValue(Settings.MaxDeletes),
        Force = parsed.GetValue(Settings.Force),
        Patience = parsed.GetValue(Settings.LockTimeout) is { } patience ? Duration.Text(patience) : null,
    };
}
