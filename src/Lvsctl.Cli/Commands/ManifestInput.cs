using System.CommandLine;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Director.Control;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

/// <summary>The manifest cannot be used; what is wrong has been said already.</summary>
sealed class ManifestException(ExitCode code, string message) : Exception(message)
{
    public ExitCode Code { get; } = code;
}

/// <summary>Reading the manifest for a verb that acts on it.</summary>
static class ManifestInput
{
    /// <summary>Says everything that is wrong with it on standard error; warnings do not stop anything.</summary>
    /// <exception cref="ManifestException">There is an error in it, or it cannot be read.</exception>
    public static ClusterSpec Read(ParseResult parsed, Option<string[]> option, bool withWarnings = true)
    {
        var result = ManifestReader.Read(parsed.GetRequiredValue(option));
        foreach (var diagnostic in result.Diagnostics.Where(d => withWarnings || d.Severity == Severity.Error)) parsed.InvocationConfiguration.Error.WriteLine(diagnostic);
        if (result.Cluster is { } cluster) return cluster;
        var errors = result.Diagnostics.Count(d => d.Severity == Severity.Error);
        throw result.IsUnreadable
            ? new ManifestException(ExitCode.Failed, "the manifest cannot be read; nothing was changed")
            : new ManifestException(ExitCode.ManifestInvalid, $"the manifest has {errors} error{(errors == 1 ? "" : "s")}; nothing was changed");
    }
}
