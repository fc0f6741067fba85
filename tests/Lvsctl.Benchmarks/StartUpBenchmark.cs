namespace Lvsctl.Benchmarks;

/// <summary>One -A where the kernel has no IPVS, so that hardly more than the start is left. Runs on the host.</summary>
static class StartUpBenchmark
{
    const int Rounds = 101;

    public static void Run(string lvsctl, string ipvsadm)
    {
        string[] arguments = ["-A", "-t", "10.0.0.1:80", "-s", "rr"];
        Sample theirs = new("ipvsadm -A"), ours = new("lvsctl -A");
        for (var round = -3; round < Rounds; round++)
        {
            var (their, our) = (Child.Time(ipvsadm, arguments), Child.Time(lvsctl, arguments));
            if (their.ExitCode != 2 || our.ExitCode != 2) throw new InvalidOperationException($"exit codes {their.ExitCode} and {our.ExitCode}: this host has IPVS, so it is no place for this benchmark");
            if (round < 0) continue;
            theirs.Add(their);
            ours.Add(our);
        }
        Console.WriteLine($"\none -A where the kernel has no IPVS, median of {Rounds}");
        Console.WriteLine(theirs);
        Console.WriteLine(ours);
        Target.AtMost(2, ours.Milliseconds / theirs.Milliseconds, "one -A, times ipvsadm's time");
    }
}
