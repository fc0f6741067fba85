namespace Lvsctl.Cli.Commands;

/// <summary>lvsctl's own verbs in a few words, for those who ask ipvsadm's --help; no parser is loaded for it.</summary>
static class OwnVerbs
{
    public const string Status = "Shows the kernel's table: services, their real servers, and what they carry";
    public const string Validate = "Reads a manifest and reports every mistake in it";
    public const string Explain = "Documents the manifest: what a key means, its type, unit, default, range and an example";
    public const string Schema = "Prints the manifest's format as JSON Schema, so that editors complete and check it";
    public const string Plan = "Shows what an apply would change in the kernel's table, and why";
    public const string Apply = "Brings the kernel's table to what the manifest wants";
    public const string Confirm = "Lets what 'lvsctl apply --confirm-within' did stay";
    public const string Check = "Probes the servers once, takes sick ones out and puts well ones back: for cron";
    public const string Run = "Runs as the director: probes by schedule, and keeps the kernel's table right until it is stopped";
    public const string Vrrp = "Keeps virtual addresses alive: speaks VRRP until it is stopped, in a process of its own";
    public const string Reload = "Has the director read its manifest again; one with mistakes is refused, and the old one stays in force";
    public const string Why = "Says why a server gets connections or none: the chain of facts, from the manifest to the kernel";
    public const string Events = "Shows what happened, from the director's journal";
    public const string Top = "Shows services and servers live, full screen: state, weights, connections, rates, health";
    public const string Drain = "Lets a server's connections end and gives it no new ones";
    public const string Maintain = "Takes a server out of the table at once, until it is resumed";
    public const string Weight = "Gives a server another weight than the manifest's, until it is resumed";
    public const string Resume = "Takes back what was asked of a server by drain, maintain and weight";
    public const string Export = "Writes the kernel's table, or what ipvsadm-save wrote, as a manifest";
    public const string RealServer = "Prepares this host to be a real server in direct-routing or tunnel mode";
    public const string Version = "Prints the version of lvsctl and what it runs on";
    public const string Help = "Explains a verb";

    public const string Overview = $"""
        lvsctl's own commands ('lvsctl help' says more):
          lvsctl status [--json]        {Status}
          lvsctl validate [-m PATH]     {Validate}
          lvsctl explain [TOPIC]        {Explain}
          lvsctl schema                 {Schema}
          lvsctl plan                   {Plan}
          lvsctl apply                  {Apply}
          lvsctl confirm                {Confirm}
          lvsctl check                  {Check}
          lvsctl run                    {Run}
          lvsctl vrrp [VERB]            {Vrrp}
          lvsctl reload                 {Reload}
          lvsctl why SERVER             {Why}
          lvsctl events [--follow]      {Events}
          lvsctl top                    {Top}
          lvsctl drain SERVER           {Drain}
          lvsctl maintain SERVER        {Maintain}
          lvsctl weight SERVER N        {Weight}
          lvsctl resume SERVER          {Resume}
          lvsctl export                 {Export}
          lvsctl realserver VERB        {RealServer}
          lvsctl version                {Version}
          lvsctl help [VERB]            {Help}

        """;
}
