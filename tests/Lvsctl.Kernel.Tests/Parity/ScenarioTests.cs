using Lvsctl.Testing;

namespace Lvsctl.Kernel.Tests.Parity;

/// <summary>The scenarios of tests/Scenarios/ipvsadm on a real kernel; and what they claim of ipvsadm is asked of ipvsadm.</summary>
public class ScenarioTests
{
    const string Folder = "ipvsadm";

    // Those that begin with counters or connections need a kernel that can be told to have some.
    static IEnumerable<CommandScenario> Scenarios =>
        CommandScenario.Names(Folder).Select(n => CommandScenario.Load(Folder, n)).Where(s => s.Settings.All(w => w.StartsWith("only ", StringComparison.Ordinal)));

    public static TheoryData<string> OfLvsctl => [.. Scenarios.Select(s => s.Name)];

    public static TheoryData<string> OfIpvsadm => [.. Scenarios.Where(s => s.Settings.Count == 0).Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(OfLvsctl))]
    public void Lvsctl_answers_as_it_is_written(string name) => Play(name, Programs.OfLvsctl);

    [Theory]
    [MemberData(nameof(OfIpvsadm))]
    public void Ipvsadm_answers_as_it_is_written(string name) => Play(name, _ => Programs.OfIpvsadm);

    [Fact]
    public void There_are_scenarios() => Assert.NotEmpty(OfIpvsadm);

    static void Play(string name, Func<string, string> programs)
    {
        var scenario = CommandScenario.Load(Folder, name);
        var folder = Directory.CreateTempSubdirectory("scenario-").FullName;
        try
        {
            var mine = programs(folder);
            var steps = scenario.Steps.Select(s => new ParityStep(s.Words, s.Input)).ToList();
            var (answers, _) = new ParitySide(Path.Combine(folder, "side"), mine, mine).Run(steps);
            foreach (var (step, answer) in scenario.Steps.Zip(answers))
            {
                Assert.Equal(step.AnswerText, (step with { Output = answer.Output, Errors = answer.Error, ExitCode = answer.ExitCode }).AnswerText);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
