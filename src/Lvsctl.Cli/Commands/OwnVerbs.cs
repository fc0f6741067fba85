namespace Lvsctl.Cli.Commands;

/// <summary>lvsctl's own verbs in a few words, for those who ask ipvsadm's --help; no parser is loaded for it.</summary>
static class OwnVerbs
{
    public const string Status = "Shows the kernel's table: services, their real servers, and what they carry";
    public const string Validate = "Reads a manifest and reports every mistake in it";
    public const string Explain = "Documents the manifest: what a key means, its type, unit, default, range and an example";
    public const string Schema = "Prints the manifest's format as JSON Schema, so that editors complete and check it";
    public const string RealServer = "Prepares this host to be a real server in direct-routing or tunnel mode";
    public const string Version = "Prints the version of lvsctl and what it runs on";
    public const string Help = "Explains a verb";

    public const string Overview = $"""
        lvsctl's own commands ('lvsctl help' says more):
          lvsctl status [--json]        {Status}
          lvsctl validate [-m PATH]     {Validate}
          lvsctl explain [TOPIC]        {Explain}
          lvsctl schema                 {Schema}
          lvsctl realserver VERB        {RealServer}
          lvsctl version                {Version}
          lvsctl help [VERB]            {Help}

        """;
}
