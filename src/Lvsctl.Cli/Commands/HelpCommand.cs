using System.CommandLine;
using Lvsctl.Director.Control;

namespace Lvsctl.Cli.Commands;

static class HelpCommand
{
    /// <summary><c>lvsctl help realserver prepare</c> is <c>lvsctl realserver prepare --help</c>.</summary>
    public static Command Create(Command root)
    {
        var words = new Argument<string[]>("verb") { Description = "The verb to explain; all of them without one", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("help", OwnVerbs.Help) { words };
        command.SetAction(parsed =>
        {
            var wanted = parsed.GetValue(words) ?? [];
            var about = root;
            foreach (var word in wanted)
            {
                if (about.Subcommands.FirstOrDefault(c => c.Name == word) is not { } found)
                {
                    parsed.InvocationConfiguration.Error.WriteLine($"lvsctl: there is no verb '{string.Join(' ', wanted)}'; see 'lvsctl help'");
                    return (int)ExitCode.Usage;
                }
                about = found;
            }
            return root.Parse([.. wanted, "--help"]).Invoke(parsed.InvocationConfiguration);
        });
        return command;
    }
}
