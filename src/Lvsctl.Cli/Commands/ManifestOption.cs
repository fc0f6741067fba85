using System.CommandLine;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

static class ManifestOption
{
    /// <summary>The same for every verb that reads a manifest.</summary>
    public static Option<string[]> Create() => new("--manifest", "-m")
    {
        Description = "A file, a directory of *.yaml and *.yml, or - for standard input; may be given several times, and all together are one manifest",
        HelpName = "PATH",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = static _ => [ManifestReader.DefaultPath],
    };
}
