using System.Globalization;
using System.Text;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Parity;

/// <summary>
/// Runs all steps with one program, in a network namespace of its own. A shell does the running, from one script: a process of this size
/// forks too slowly to start thousands.
/// </summary>
sealed class ParitySide
{
    readonly string _folder;
    readonly string _mine;
    readonly string _other;

    /// <param name="folder">For the script and what it prints; deleted by whoever made it.</param>
    /// <param name="mine">The folder of the programs that change the table.</param>
    /// <param name="other">The folder of those that look on.</param>
    public ParitySide(string folder, string mine, string other)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _mine = mine;
        _other = other;
    }

    /// <summary>The answers to every step, and to each check those of the program that looks on.</summary>
    public (Answer[] Mine, Dictionary<int, Answer> OnLookers) Run(IReadOnlyList<ParityStep> steps)
    {
        WriteScript(steps);
        NetworkNamespace.Run(() => Command.MustRun("timeout", "900", "sh", Path.Combine(_folder, "script")));

        var outputs = Sections("output");
        var errors = Sections("errors");
        Assert.Equal(outputs.Count, errors.Count);
        var answers = new Queue<Answer>(outputs.Zip(errors, ToAnswer));
        var mine = new Answer[steps.Count];
        var onLookers = new Dictionary<int, Answer>();
        for (var i = 0; i < steps.Count; i++)
        {
            Assert.True(answers.Count > 0, $"the script ended before step {i}: {steps[i]}");
            mine[i] = answers.Dequeue();
            if (steps[i].IsCheck) onLookers[i] = answers.Dequeue();
        }
        return (mine, onLookers);
    }

    void WriteScript(IReadOnlyList<ParityStep> steps)
    {
        var script = new StringBuilder();
        script.Append(CultureInfo.InvariantCulture, $"exec >{_folder}/output 2>{_folder}/errors </dev/null\n");
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            var input = "";
            if (step.Input is not null)
            {
                input = $" <{_folder}/input-{i}";
                File.WriteAllText(Path.Combine(_folder, $"input-{i}"), step.Input);
            }
            AppendRun(script, _mine, step, input);
            if (step.IsCheck) AppendRun(script, _other, step, input);
            // The kernel answers nothing when a daemon is stopped whose thread has not yet run.
            if (step.Words.Any(w => w.StartsWith("--sta", StringComparison.Ordinal))) script.Append("sleep 0.1\n");
        }
        File.WriteAllText(Path.Combine(_folder, "script"), script.ToString());
    }

    static void AppendRun(StringBuilder script, string folder, ParityStep step, string input)
    {
        var words = string.Join(' ', step.Words.Select(ParityStep.Quote));
        script.Append(CultureInfo.InvariantCulture, $"PATH={folder}:$PATH {words}{input}; echo \"@@$?\"; echo @@ >&2\n");
    }

    // What was printed up to each mark, and behind the mark the exit code.
    List<(string Text, string Mark)> Sections(string file)
    {
        var sections = new List<(string, string)>();
        var text = new StringBuilder();
        foreach (var line in File.ReadLines(Path.Combine(_folder, file)))
        {
            var mark = line.IndexOf("@@", StringComparison.Ordinal);
            text.Append(mark < 0 ? line : line[..mark]);
            if (mark < 0)
            {
                text.Append('\n');
                continue;
            }
            sections.Add((text.ToString(), line[(mark + 2)..]));
            text.Clear();
        }
        return sections;
    }

    static Answer ToAnswer((string Text, string Mark) output, (string Text, string Mark) errors) =>
        new(output.Text, errors.Text, int.Parse(output.Mark, CultureInfo.InvariantCulture));
}
