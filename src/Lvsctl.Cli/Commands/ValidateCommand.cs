using System.CommandLine;
using Lvsctl.Core.Model;
using Lvsctl.Director.Control;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

static class ValidateCommand
{
    public static Command Create()
    {
        var manifest = ManifestOption.Create();
        var strict = new Option<bool>("--strict") { Description = "Take warnings for errors" };
        var json = new Option<bool>("--json") { Description = "For programs: a JSON document with every message" };
        var command = new Command("validate", """
            Reads a manifest and reports every mistake in it as file:line:column: error LVSnnn: text.
            Needs no rights, no kernel and no network. 'lvsctl explain LVSnnn' explains a message.
            """) { manifest, strict, json };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var result = ManifestReader.Read(parsed.GetRequiredValue(manifest));
            var code = CodeOf(result, parsed.GetValue(strict));
            if (parsed.GetValue(json))
            {
                ValidateJson.Write(output, result, code == ExitCode.Done);
                return (int)code;
            }

            // Messages are the result, but a good manifest is silent but for its summary: cron and editors read the error stream.
            foreach (var diagnostic in result.Diagnostics) parsed.InvocationConfiguration.Error.WriteLine(diagnostic);
            if (code == ExitCode.Done) output.WriteLine(Summary(result));
            return (int)code;
        });
        return command;
    }

    public static ExitCode CodeOf(ManifestResult result, bool strict) =>
        result.IsUnreadable ? ExitCode.Failed
        : result.Cluster is null || (strict && result.Diagnostics.Count > 0) ? ExitCode.ManifestInvalid
        : ExitCode.Done;

    static string Summary(ManifestResult result)
    {
        var cluster = result.Cluster!;
        var warnings = result.Warnings.Count();
        return $"valid: {Count(cluster.Services.Count, "service")}, {Count(cluster.Services.Sum(s => s.Servers.Count), "server")}, "
            + $"{Count(cluster.Checks.Count, "check")}, {Count(cluster.VrrpRouters.Count, "virtual router")}{(warnings > 0 ? $"; {Count(warnings, "warning")}" : "")}";
    }

    static string Count(int number, string noun) => number == 1 ? $"1 {noun}" : $"{number} {noun}s";
}
