namespace Lvsctl.Cli.Commands;

/// <summary>How the program was called, which decides between ipvsadm's command line and lvsctl's own verbs.</summary>
static class Invocation
{
    /// <summary>argv[0], as it was typed or linked.</summary>
    public static string CalledAs()
    {
        var name = Environment.GetCommandLineArgs()[0];
        // Not native: .NET shows the assembly, whatever the link was called.
        if (name.EndsWith(".dll", StringComparison.Ordinal)) name = File.ReadAllText("/proc/self/cmdline").Split('\0')[0];
        return name;
    }

    /// <summary>
    /// ipvsadm's names, ipvsadm's options, and no argument at all, with which ipvsadm lists its table. No verb of lvsctl's starts with a dash.
    /// </summary>
    public static bool IsIpvsadmStyle(string calledAs, string[] args) =>
        Path.GetFileName(calledAs) is "ipvsadm" or "ipvsadm-save" or "ipvsadm-restore" || args.Length == 0 || args[0].StartsWith('-');
}
