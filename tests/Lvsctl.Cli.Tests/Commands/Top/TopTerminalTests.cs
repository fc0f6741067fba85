using System.Diagnostics;
using System.Text;

namespace Lvsctl.Cli.Tests.Commands.Top;

/// <summary>top on a terminal of its own, as the program that it is.</summary>
public sealed class TopTerminalTests : IDisposable
{
    const string Enter = "\e[?1049h\e[?25l";
    const string Leave = "\e[?25h\e[?1049l";
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    readonly DaemonBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("key", "q", 0)]
    [InlineData("key", "\x03", 0)]
    [InlineData("TERM", "", 0)]
    [InlineData("HUP", "", 0)]
    [InlineData("director", "", 1)]
    public async Task However_it_ends_the_terminal_is_as_it_was(string how, string key, int code)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "script(1) of util-linux makes the terminal");
        var program = Path.Combine(AppContext.BaseDirectory, "lvsctl.dll");
        var pid = _bench.FilePath("pid");
        // The shell's exec keeps the process id that was written down. Whoever runs the tests by nohup ignores SIGHUP.
        File.WriteAllText(_bench.FilePath("look"), $"""
            trap : INT
            stty cols 100 rows 20
            echo "before=$(stty -g)"
            sh -c 'echo $$ > {pid}; exec env --default-signal dotnet {program} top --every 100ms --socket {_bench.Socket}'
            echo "code=$?"
            echo "after=$(stty -g)"
            """);
        var start = new ProcessStartInfo("/usr/bin/script", ["-qefc", $"sh {_bench.FilePath("look")}", "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true, Environment = { ["TERM"] = "xterm" } };
        using var script = Process.Start(start)!;
        var screen = new StringBuilder();
        await ReadUntilAsync(script, screen, "rs2");
        if (how == "key") await script.StandardInput.WriteAsync(key);
        else if (how == "director") _bench.Stop();
        else Process.Start("kill", [$"-{how}", File.ReadAllText(pid).Trim()]).WaitForExit();
        await script.StandardInput.FlushAsync();
        await ReadUntilAsync(script, screen, "after=");
        script.StandardInput.Close();
        screen.Append(await script.StandardOutput.ReadToEndAsync().WaitAsync(s_patience));

        var text = screen.ToString().Replace("\r", "");
        Assert.Contains(Enter, text);
        // The keypad's mode, which not everything that comes after puts right.
        Assert.True(text.LastIndexOf("\e[?1l", StringComparison.Ordinal) > text.LastIndexOf("\e[?1h", StringComparison.Ordinal), text);
        Assert.Contains("lvsctl top", text);
        Assert.True(text.LastIndexOf(Leave, StringComparison.Ordinal) > text.LastIndexOf(Enter, StringComparison.Ordinal), text);
        var rest = text[text.LastIndexOf(Leave, StringComparison.Ordinal)..];
        Assert.Contains($"code={code}\n", rest);
        Assert.Equal(Setting(text, "before="), Setting(text, "after="));
        if (how == "director") Assert.Contains("lvsctl: the director at", rest);
    }

    static string Setting(string text, string name) => text[(text.LastIndexOf(name, StringComparison.Ordinal) + name.Length)..].Split('\n')[0];

    static async Task ReadUntilAsync(Process process, StringBuilder screen, string words)
    {
        using var patience = new CancellationTokenSource(s_patience);
        var buffer = new char[4096];
        while (!screen.ToString().Contains(words, StringComparison.Ordinal))
        {
            var read = await process.StandardOutput.ReadAsync(buffer.AsMemory()).AsTask().WaitAsync(patience.Token);
            Assert.True(read > 0, $"it ended before '{words}':\n{screen}");
            screen.Append(buffer, 0, read);
        }
    }
}
