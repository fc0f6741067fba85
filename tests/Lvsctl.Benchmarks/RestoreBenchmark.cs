using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Benchmarks;

/// <summary>Restoring and listing a table, beside ipvsadm in the same kernel. Runs in the lab.</summary>
static class RestoreBenchmark
{
    const int Rounds = 5;

    public static void Run(string lvsctl, string ipvsadm)
    {
        foreach (var rules in new[] { new Rules(1000, 10), new Rules(100, 100) }) Run(rules, lvsctl, ipvsadm);
    }

    static void Run(Rules rules, string lvsctl, string ipvsadm)
    {
        var file = Path.Combine(Path.GetTempPath(), "lvsctl-rules");
        rules.WriteTo(file);
        var changes = rules.Changes().ToList();
        var prepared = new PreparedMessages(changes);
        using var client = IpvsClient.Open();
        Sample theirRestore = new("ipvsadm -R"), ourRestore = new("lvsctl -R"), bare = new("prepared messages, sent and acknowledged"), start = new("lvsctl -v (start-up alone)");
        Sample theirList = new("ipvsadm -Ln"), ourList = new("lvsctl -Ln");

        // Everything once unmeasured, then in turn, so that what disturbs one disturbs all.
        for (var round = -1; round < Rounds; round++)
        {
            Measure(theirRestore, () => Child.Time(ipvsadm, ["-R"], file));
            Measure(theirList, () => Child.Time(ipvsadm, ["-Ln"]));
            CheckAndClear(client, changes);
            Measure(ourRestore, () => Child.Time(lvsctl, ["-R"], file));
            Measure(ourList, () => Child.Time(lvsctl, ["-Ln"]));
            CheckAndClear(client, changes);
            Measure(bare, prepared.Send);
            CheckAndClear(client, changes);
            Measure(start, () => Child.Time(lvsctl, ["-v"]));

            void Measure(Sample sample, Func<Run> run)
            {
                var result = run();
                if (result.ExitCode != 0) throw new InvalidOperationException($"{sample.Name}: exit code {result.ExitCode}");
                if (round >= 0) sample.Add(result);
            }
        }

        Console.WriteLine($"\n{rules}, median of {Rounds}, side by side in one kernel");
        foreach (var sample in new[] { theirRestore, ourRestore, bare, start, theirList, ourList }) Console.WriteLine(sample);
        Target.AtLeast(12, theirRestore.Milliseconds / ourRestore.Milliseconds, "restore, times as fast as ipvsadm -R");
        Target.AtMost(1.5, (ourRestore.Milliseconds - start.Milliseconds) / bare.Milliseconds, "restore less start-up, over the prepared messages");
        Target.AtLeast(3, theirList.Milliseconds / ourList.Milliseconds, "list, times as fast as ipvsadm -Ln");
        Target.AtMost(40, Math.Max(ourRestore.PeakMiB, ourList.PeakMiB), "peak memory", " MiB");
    }

    // A restore that did nothing would be fast: the table must be as large as the rules.
    static void CheckAndClear(IpvsClient client, List<TableChange> changes)
    {
        var table = client.ReadTableOnce();
        var entries = table.Count + table.Sum(p => p.Servers.Count);
        if (entries != changes.Count) throw new InvalidOperationException($"the table holds {entries} entries of {changes.Count}");
        client.Apply([new TableChange.Flush()]);
    }
}
