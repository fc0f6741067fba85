using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Ipvsadm;

/// <summary>
/// Every file of tests/Scenarios/ipvsadm on the fake kernel. Those that hold for ipvsadm, too, are shown to on a real one, by
/// Lvsctl.Kernel.Tests.
/// </summary>
public class ScenarioTests
{
    const string Folder = "ipvsadm";

    public static TheoryData<string> Names => [.. CommandScenario.Names(Folder)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_scenario_plays_as_it_is_written(string name)
    {
        var scenario = CommandScenario.Load(Folder, name);
        var bench = new IpvsadmBench();
        foreach (var setting in scenario.Settings) ScenarioTables.Apply(setting, bench);
        var answered = new List<ScenarioStep>();
        foreach (var step in scenario.Steps.Where(s => s.Words[0] != "sleep"))
        {
            var (output, errors, exitCode) = bench.RunWords(step.Words, step.Input ?? "");
            answered.Add(step with { Output = output, Errors = errors, ExitCode = exitCode });
            if (!IsRewriting) Assert.Equal(step.AnswerText, answered[^1].AnswerText);
        }
        if (IsRewriting) CommandScenario.Rewrite(Folder, name, answered);
    }

    // After which git shows what has changed.
    static bool IsRewriting => Environment.GetEnvironmentVariable("LVSCTL_UPDATE_GOLDEN") == "1";

    [Fact]
    public void There_are_scenarios() => Assert.NotEmpty(Names);
}
