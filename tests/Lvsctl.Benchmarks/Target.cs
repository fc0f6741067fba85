namespace Lvsctl.Benchmarks;

/// <summary>Figures that were promised, and whether they hold. A benchmark that misses one exits with 1.</summary>
static class Target
{
    static bool s_missed;

    public static int ExitCode => s_missed ? 1 : 0;

    public static void AtLeast(double wanted, double measured, string what, string unit = "x") => Report(measured >= wanted, what, measured, $"at least {wanted:0.##}{unit}", unit);

    public static void AtMost(double wanted, double measured, string what, string unit = "x") => Report(measured <= wanted, what, measured, $"at most {wanted:0.##}{unit}", unit);

    static void Report(bool holds, string what, double measured, string wanted, string unit)
    {
        s_missed |= !holds;
        Console.WriteLine($"  {(holds ? "holds " : "MISSED")} {what}: {measured:F1}{unit} (wanted: {wanted})");
    }
}
