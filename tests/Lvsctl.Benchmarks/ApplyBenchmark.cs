using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Benchmarks;

/// <summary>Applying a manifest: from an empty table beside ipvsadm -R of the same one, and where nothing is left to do. Runs in the lab.</summary>
static class ApplyBenchmark
{
    const int Rounds = 5;

    static readonly string s_folder = Directory.CreateTempSubdirectory("lvsctl-apply-").FullName;
    static readonly string s_manifest = Path.Combine(s_folder, "cluster.yaml");
    static readonly string s_state = Path.Combine(s_folder, "state");
    static readonly string[] s_apply = ["apply", "--manifest", s_manifest, "--state-dir", s_state];

    public static void Run(string lvsctl, string ipvsadm)
    {
        try
        {
            FromEmpty(new Rules(1000, 10), lvsctl, ipvsadm);
            NothingToDo(new Rules(2700, 10), lvsctl, time => Target.AtMost(1, time.Milliseconds / 1000, "a no-op apply", " s"));
            NothingToDo(new Rules(10_000, 10), lvsctl, time => Target.AtMost(200, time.PeakMiB, "peak memory of a no-op apply", " MiB"));
        }
        finally
        {
            Directory.Delete(s_folder, recursive: true);
        }
    }

    static void FromEmpty(Rules rules, string lvsctl, string ipvsadm)
    {
        var file = Path.Combine(s_folder, "rules");
        rules.WriteTo(file);
        rules.WriteManifestTo(s_manifest);
        using var client = IpvsClient.Open();
        Sample theirs = new("ipvsadm -R"), ours = new("lvsctl apply"), validate = new("lvsctl validate (reading the manifest alone)"), restore = new("lvsctl -R");
        // Everything once unmeasured, then in turn, so that what disturbs one disturbs all.
        for (var round = -1; round < Rounds; round++)
        {
            theirs.Measure(round, () => Child.Time(ipvsadm, ["-R"], file));
            rules.CheckAndClear(client);
            ours.Measure(round, () => Child.Time(lvsctl, s_apply));
            rules.CheckAndClear(client);
            restore.Measure(round, () => Child.Time(lvsctl, ["-R"], file));
            rules.CheckAndClear(client);
            validate.Measure(round, () => Child.Time(lvsctl, ["validate", "--manifest", s_manifest]));
            Directory.Delete(s_state, recursive: true);
        }
        ours.PeakMiB = Child.PeakMiB(lvsctl, s_apply);
        rules.CheckAndClear(client);
        Directory.Delete(s_state, recursive: true);

        Report($"{rules} from empty", theirs, ours, validate, restore);
        Target.AtLeast(10, theirs.Milliseconds / ours.Milliseconds, "apply from empty, times as fast as ipvsadm -R");
    }

    static void NothingToDo(Rules rules, string lvsctl, Action<Sample> judge)
    {
        rules.WriteManifestTo(s_manifest);
        using var client = IpvsClient.Open();
        Sample first = new("lvsctl apply, from empty"), again = new("lvsctl apply, nothing to do"), plan = new("lvsctl plan"), validate = new("lvsctl validate (reading the manifest alone)"), list = new("lvsctl -S -n (reading the table alone)");
        first.Measure(0, () => Child.Time(lvsctl, s_apply));
        for (var round = -1; round < Rounds; round++)
        {
            again.Measure(round, () => Child.Time(lvsctl, s_apply));
            plan.Measure(round, () => Child.Time(lvsctl, ["plan", "--detailed-exitcode", .. s_apply[1..]]));
            validate.Measure(round, () => Child.Time(lvsctl, ["validate", "--manifest", s_manifest]));
            list.Measure(round, () => Child.Time(lvsctl, ["-S", "-n"]));
        }
        again.PeakMiB = Child.PeakMiB(lvsctl, s_apply);
        validate.PeakMiB = Child.PeakMiB(lvsctl, ["validate", "--manifest", s_manifest]);
        list.PeakMiB = Child.PeakMiB(lvsctl, ["-S", "-n"]);
        rules.CheckAndClear(client);
        Directory.Delete(s_state, recursive: true);

        Report($"{rules}, applied again", first, again, plan, validate, list);
        judge(again);
    }

    static void Report(string what, params IEnumerable<Sample> samples)
    {
        Console.WriteLine($"\n{what}, median of {Rounds}, side by side in one kernel");
        foreach (var sample in samples) Console.WriteLine(sample);
    }
}
