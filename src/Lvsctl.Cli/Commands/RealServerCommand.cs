using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Core.Preparation;
using Lvsctl.Director.Preparation;

namespace Lvsctl.Cli.Commands;

/// <summary>The real server's side of direct routing and tunnelling: run on the real server, not on the director.</summary>
static partial class RealServerCommand
{
    public static Command Create() => new("realserver", OwnVerbs.RealServer)
    {
        Prepare(),
        Undo(),
        Show(),
    };

    static Option<IPAddress[]> Vip(bool required, string description) => new("--vip")
    {
        Description = description,
        HelpName = "ADDRESS",
        Required = required,
        Arity = ArgumentArity.OneOrMore,
        CustomParser = static result => [.. result.Tokens.Select(t => ParseVip(t.Value, result)).OfType<IPAddress>()],
    };

    static IPAddress? ParseVip(string text, ArgumentResult result)
    {
        var address = RealServerRole.ParseVip(text, out var problem);
        if (problem is not null) result.AddError(problem);
        return address;
    }

    static Option<ForwardingMethod?> Forward(bool required, string description) => new("--forward")
    {
        Description = description,
        HelpName = "dr|tun",
        Required = required,
        CustomParser = static result =>
        {
            switch (result.Tokens[0].Value)
            {
                case "dr": return ForwardingMethod.DirectRouting;
                case "tun": return ForwardingMethod.Tunnel;
                case "nat":
                    result.AddError("in NAT mode a real server needs no preparation but its default route, which leads to the director");
                    return null;
                default:
                    result.AddError($"--forward is dr or tun, not '{result.Tokens[0].Value}'");
                    return null;
            }
        },
    };

    static Option<bool> Print(string description) => new("--print") { Description = description };

    static Option<string> StateDirectory() => new("--state-dir")
    {
        Description = "Where the record of what was found is kept",
        HelpName = "DIR",
        DefaultValueFactory = static _ => RealServerPreparation.DefaultStateDirectory,
    };

    static string Join(IEnumerable<RealServerRole> roles) => string.Join(", ", roles);

    static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";

    /// <summary>As a script for sh. What steps are for goes above them as a comment, once for each purpose.</summary>
    static void PrintScript(TextWriter output, PreparationPlan plan, string nothing)
    {
        if (plan.Steps.Count == 0) output.WriteLine($"# {nothing}");
        var purpose = "";
        foreach (var step in plan.Steps)
        {
            if (step.Why != purpose && step.Why.Length > 0) output.WriteLine($"# {step.Why}");
            purpose = step.Why;
            output.WriteLine(step.Shell);
        }
        foreach (var note in plan.Notes) output.WriteLine($"# {note}");
    }
}
