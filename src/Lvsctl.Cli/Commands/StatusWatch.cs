namespace Lvsctl.Cli.Commands;

/// <summary>Shows something again and again until it is cancelled: in place on a terminal, one below the other elsewhere.</summary>
/// <param name="screenHeight">Null when the output is no terminal.</param>
sealed class StatusWatch(TextWriter output, Func<int>? screenHeight, TimeProvider clock)
{
    // The alternate screen leaves what was there before untouched; lines that are too long are cut, not wrapped, so that heights are right.
    const string Enter = "\e[?1049h\e[?25l\e[?7l";
    const string Leave = "\e[?7h\e[?25h\e[?1049l";
    const string Home = "\e[H";
    const string ClearLine = "\e[K";
    const string ClearBelow = "\e[J";

    public async Task RunAsync(Func<Task<string>> snapshot, TimeSpan interval, CancellationToken cancellation)
    {
        var isEntered = false;
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                // Before the screen is taken: what fails at once should be read where it was asked for.
                var text = await snapshot().ConfigureAwait(false);
                if (screenHeight is not null && !isEntered) output.Write(Enter);
                isEntered = screenHeight is not null;
                output.Write(screenHeight is null ? text : Frame(text, screenHeight()));
                await output.FlushAsync(cancellation).ConfigureAwait(false);
                await Task.Delay(interval, clock, cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Somebody has seen enough.
        }
        finally
        {
            if (isEntered) output.Write(Leave);
            output.Flush();
        }
    }

    static string Frame(string text, int height)
    {
        var lines = text.TrimEnd('\n').Split('\n');
        var shown = lines.Length <= height ? lines : [.. lines[..Math.Max(0, height - 1)], $"… {lines.Length - height + 1} more lines"];
        return Home + string.Join($"{ClearLine}\n", shown) + ClearLine + ClearBelow;
    }
}
