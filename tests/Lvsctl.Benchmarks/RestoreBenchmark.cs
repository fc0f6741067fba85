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
        var prepared = new PreparedMessages(rules.Changes());
        using var client = IpvsClient.Open();
        Sample theirRestore = new("ipvsadm -R"), ourRestore = new("lvsctl -R"), bare = new("prepared messages, sent and acknowledged"), start = new("lvsctl -v (start-up alone)");
        Sample theirList = new("ipvsadm -Ln"), ourList = new("lvsctl -Ln");

        // Everything once unmeasured, then in turn, so that what disturbs one disturbs all.
        for (var round = -1; round < Rounds; round++)
        {
            theirRestore.Measure(round, () => Child.Time(ipvsadm, ["-R"], file));
            theirList.Measure(round, () => Child.Time(ipvsadm, ["-Ln"]));
            rules.CheckAndClear(client);
            ourRestore.Measure(round, () => Child.Time(lvsctl, ["-R"], file));
            ourList.Measure(round, () => Child.Time(lvsctl, ["-Ln"]));
            rules.CheckAndClear(client);
            bare.Measure(round, prepared.Send);
            rules.CheckAndClear(client);
            start.Measure(round, () => Child.Time(lvsctl, ["-v"]));
        }
        ourRestore.PeakMiB = Child.PeakMiB(lvsctl, ["-R"], file);
        ourList.PeakMiB = Child.PeakMiB(lvsctl, ["-Ln"]);
        rules.CheckAndClear(client);
        theirRestore.PeakMiB = Child.PeakMiB(ipvsadm, ["-R"], file);
        theirList.PeakMiB = Child.PeakMiB(ipvsadm, ["-Ln"]);
        rules.CheckAndClear(client);

        Console.WriteLine($"\n{rules}, median of {Rounds}, side by side in one kernel");
        foreach (var sample in new[] { theirRestore, ourRestore, bare, start, theirList, ourList }) Console.WriteLine(sample);
        Target.AtLeast(12, theirRestore.Milliseconds / ourRestore.Milliseconds, "restore, times as fast as ipvsadm -R");
        Target.AtMost(1.5, (ourRestore.Milliseconds - start.Milliseconds) / bare.Milliseconds, "restore less start-up, over the prepared messages");
        Target.AtLeast(3, theirList.Milliseconds / ourList.Milliseconds, "list, times as fast as ipvsadm -Ln");
        Target.AtMost(40, Math.Max(ourRestore.PeakMiB, ourList.PeakMiB), "peak memory", " MiB");
    }
}
