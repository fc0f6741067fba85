using System.Globalization;
using Lvsctl.Director.Status;

namespace Lvsctl.Cli.Commands;

/// <summary>The chain of facts for people: the verdict first, then what leads to it, from the manifest to the kernel.</summary>
sealed class WhyText(TextWriter output, bool colour)
{
    public void Write(WhyDocument document)
    {
        for (var i = 0; i < document.Services.Count; i++)
        {
            if (i > 0) output.WriteLine();
            Write(document.Services[i]);
        }
        if (document.Daemon?.Trouble is { } trouble) Fact("trouble", trouble);
        if (document.Daemon?.Waits is { } waits) Fact("waiting", waits);
        foreach (var unknown in document.Unknown) Fact("not known", unknown);
    }

    void Write(WhyService service)
    {
        output.WriteLine(colour ? Terminal.Bold(service.Verdict) : service.Verdict);
        foreach (var server in service.Servers)
        {
            if (server.Verdict != service.Verdict) output.WriteLine($"- {server.Verdict}");
            Write(server);
        }
        var text = $"{service.Name} ({service.Key}): {service.Serving} {(service.Serving == 1 ? "server gets" : "servers get")} connections";
        if (service.Healthy is { } healthy) text += $", {healthy} healthy";
        text += $"; min-healthy {service.MinHealthy}";
        if (service.KeptIn > 0) text += $", which keeps {service.KeptIn} sick ones in";
        if (service.Quorum is { } quorum) text += $"; quorum {quorum}{(service.HasQuorum switch { true => " is there", false => " is lost", _ => "" })}";
        if (service.Fallback is { } fallback) text += $"; fallback {fallback}{(service.FallbackStandsIn switch { true => " stands in", false => " is not needed", _ => "" })}";
        Fact("service", text);
        foreach (var refused in service.Refused) Fact("refused", refused);
        Events(service.Events);
    }

    void Write(WhyServer server)
    {
        Fact("manifest", $"{server.Address}, weight {server.ManifestWeight}, forward {StatusText.Forward(server.Forward)}{(server.SlowStart is { } slow ? $", slow start {slow}" : "")}{(server.Check is null ? ", no check: taken for well" : "")}");
        foreach (var (intent, who) in server.Intents)
        {
            var more = intent.Kind switch
            {
                "drain" => $", until {intent.Deadline} at the latest, then {intent.Then}",
                "weight" => $" {intent.Weight}",
                _ => "",
            };
            Fact("asked", $"{intent.Kind}{more}, since {intent.Since}{(who is null ? "" : $", by {who}")}");
        }
        if (server.Check is { } check) Write(check, depth: 0);
        Fact("wanted", $"{(server.WantedWeight is { } weight ? $"weight {weight}" : "out of the table")}{(server.Because is { } because ? $": {because}" : ", as the manifest says")}");
        Fact("kernel", server.KernelWeight is { } there ? $"weight {there}, {server.ActiveConnections} active and {server.InactiveConnections} inactive connections" : "not in the table");
        if (server.Pending is { } pending) Fact("pending", pending);
        if (server.Failed is { } failed) Fact("failed", failed);
        Events(server.Events);
    }

    void Write(WhyCheck check, int depth)
    {
        var indent = new string(' ', 2 * depth);
        if (check.Members.Count > 0)
        {
            Fact("check", $"{indent}{(check.Kind == "all" ? "all of these have to be good" : "any of these has to be good")}: {check.State}");
            foreach (var member in check.Members) Write(member, depth + 1);
            return;
        }
        var counting = check.Count == 0 ? "" : $", {check.Count} of {check.Threshold} {(check.State == "up" ? "failures" : "in a row")}";
        Fact("check", $"{indent}{check.Target}: {check.State} since {check.Since}{counting}");
        if (check.Evidence is { } evidence) Fact("", $"{indent}  last probe {check.Seen ?? "not made"}: {evidence}{(check.RttMs is { } rtt ? string.Create(CultureInfo.InvariantCulture, $", {rtt:0.###} ms") : "")}");
        Fact("", $"{indent}  last success {check.LastOk ?? "unknown"}{(check.LastFailure is { } failure ? $", last failure: {failure}" : "")}");
        if (check.HeldUntil is { } held) Fact("", $"{indent}  held down until {held}: it came and went too often");
        if (check.NextProbe is { } next) Fact("", $"{indent}  every {check.Every}, next about {next}");
    }

    void Events(IReadOnlyList<WhyEvent> events)
    {
        for (var i = 0; i < events.Count; i++) Fact(i == 0 ? "events" : "", $"{events[i].Time}  {events[i].Message}");
    }

    void Fact(string name, string text) => output.WriteLine($"  {name,-9} {text}");
}
