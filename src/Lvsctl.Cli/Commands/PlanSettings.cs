using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Reconcile;
using Lvsctl.Director.State;

namespace Lvsctl.Cli.Commands;

/// <summary>The options that plan, apply and the operators' verbs share.</summary>
sealed class PlanSettings
{
    public Option<string[]> Manifest { get; } = ManifestOption.Create();

    public Option<string> StateDirectory { get; } = new("--state-dir")
    {
        Description = "Where intents and the list of lvsctl's own entries are kept; overrides the manifest",
        HelpName = "DIR",
        Validators = { static result => { if (result.Tokens is [{ Value: "" }]) result.AddError("--state-dir is a directory, not nothing"); } },
    };

    public Option<string?> Socket { get; } = new("--socket")
    {
        Description = "Where 'lvsctl run' listens; overrides the manifest",
        HelpName = "PATH",
        Validators = { static result => { if (result.Tokens is [{ Value: "" }]) result.AddError("--socket is a path, not nothing"); } },
    };

    public Option<TimeSpan?> LockTimeout { get; } = DurationOption("--lock-timeout", "How long to wait for another lvsctl that is at work (default 10s)");

    public Option<bool> Prune { get; } = new("--prune") { Description = "Take entries that somebody else made for lvsctl's, so that those the manifest does not name are removed" };

    public Option<TimeSpan?> DrainTimeout { get; } =
        DurationOption("--drain-timeout", "How long a server that left the manifest may keep its connections (default 15m); 0s cuts them");

    public Option<Share?> MaxUnavailable { get; } = new("--max-unavailable")
    {
        Description = "How many of a service's serving servers may be lost at once, as 2, or as 50% of those that should serve (default 50%)",
        HelpName = "N|N%",
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            var isPercent = text.EndsWith('%');
            if (int.TryParse(isPercent ? text[..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && (!isPercent || number <= 100))
                return new Share(number, isPercent);
            result.AddError($"--max-unavailable is a number of servers or a percentage, such as 2 or 50%, not '{text}'");
            return null;
        },
    };

    public Option<int?> MaxDeletes { get; } = new("--max-deletes")
    {
        Description = "How many entries, services and servers together, may be removed at once (default 20)",
        HelpName = "N",
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
            result.AddError($"--max-deletes is a number of entries, such as 20, not '{text}'");
            return null;
        },
    };

    public Option<bool> Force { get; } = new("--force") { Description = "Go ahead whatever the safety gate says" };

    public void AddPlanning(Command command)
    {
        command.Options.Add(Manifest);
        command.Options.Add(StateDirectory);
        command.Options.Add(Prune);
        command.Options.Add(DrainTimeout);
        command.Options.Add(MaxUnavailable);
        command.Options.Add(MaxDeletes);
    }

    public void AddActing(Command command)
    {
        command.Options.Add(Force);
        command.Options.Add(LockTimeout);
    }

    /// <summary>Of verbs that look, and change nothing.</summary>
    public void AddLooking(Command command)
    {
        command.Options.Add(Manifest);
        command.Options.Add(StateDirectory);
        command.Options.Add(Socket);
    }

    public PlanOptions Plan(ParseResult parsed) => new(parsed.GetValue(Prune), parsed.GetValue(DrainTimeout) ?? PlanOptions.Default.DrainTimeout);

    /// <summary>The command line's limits, else the manifest's, else ours.</summary>
    public SafetyLimits Limits(ParseResult parsed, ClusterSpec cluster) => new(
        parsed.GetValue(MaxUnavailable) ?? cluster.Safety.MaxUnavailable ?? SafetyLimits.Default.MaxUnavailable,
        parsed.GetValue(MaxDeletes) ?? cluster.Safety.MaxDeletes ?? SafetyLimits.Default.MaxDeletes);

    public ApplyOptions Apply(ParseResult parsed, ClusterSpec cluster) => new(Plan(parsed), Limits(parsed, cluster), parsed.GetValue(Force));

    public StateStore Store(ParseResult parsed, ClusterSpec cluster, TimeProvider clock) =>
        new(StateDirectoryGiven(parsed) ?? cluster.Daemon.StateDirectory, clock);

    /// <summary>Null where the manifest says it.</summary>
    public string? StateDirectoryGiven(ParseResult parsed) => parsed.GetValue(StateDirectory) ?? (Environment.GetEnvironmentVariable("LVSCTL_STATE_DIR") is { Length: > 0 } given ? given : null);

    public Task<IDisposable> LockAsync(ParseResult parsed, StateStore store, CancellationToken cancellation) =>
        store.LockAsync(parsed.GetValue(LockTimeout) ?? TimeSpan.FromSeconds(10), cancellation);

    public static Option<TimeSpan?> DurationOption(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result => ParseDuration(name, result),
    };

    static TimeSpan? ParseDuration(string name, ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Duration.Read(text) is { } time) return time;
        result.AddError($"{name} is a time with its unit, such as 30s or 10m, not '{text}'");
        return null;
    }
}
