using System.Runtime.InteropServices;
using Lvsctl.Director.Status;
using Lvsctl.Linux.Terminals;

namespace Lvsctl.Cli.Commands.Top;

/// <summary>Holds the terminal while somebody looks, and gives it back as it was, however that ends.</summary>
sealed class TopRun(StatusSource source, TextWriter output, TimeProvider clock, bool colour)
{
    // The alternate screen leaves what was there before untouched; long lines are cut, not wrapped.
    const string Enter = "\e[?1049h\e[?25l\e[?7l";
    // The keypad's mode is .NET's own: it sets it when it first meets a terminal, and does not take it back.
    const string Leave = "\e[0m\e[?7h\e[?1l\e>\e[?25h\e[?1049l";
    static readonly TimeSpan s_keyPatience = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(KeyTerminal keys, TimeSpan interval, CancellationToken cancellation)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.Cancel();
        }
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        // System.CommandLine would do it too, but looks after it only when the verb is under way already, with the terminal taken perhaps.
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        // Before the screen is taken: what fails at once should be read where it was asked for.
        var document = await source.ReadAsync(ended.Token).ConfigureAwait(false);
        try
        {
            output.Write(Enter);
            await ShowAsync(document, interval, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Somebody has seen enough.
        }
        finally
        {
            keys.Dispose();
            TryLeave();
        }
    }

    async Task ShowAsync(StatusDocument document, TimeSpan interval, CancellationToken cancellation)
    {
        var state = new TopState();
        var pressed = new byte[256];
        var (seen, drawn) = (clock.GetTimestamp(), (0, 0));
        Draw();
        while (!state.IsDone && !cancellation.IsCancellationRequested)
        {
            var read = KeyTerminal.Read(pressed, s_keyPatience);
            // Whoever sat there has gone, and the terminal with him.
            if (read < 0) return;
            foreach (var key in TopKey.Read(pressed.AsSpan(0, read))) state = state.Press(key, TopRow.Of(document, state), TopScreen.Page(KeyTerminal.Size.Height));
            var isDue = !state.IsPaused && clock.GetElapsedTime(seen) >= interval;
            if (isDue)
            {
                document = await source.ReadAsync(cancellation).ConfigureAwait(false);
                seen = clock.GetTimestamp();
            }
            if (isDue || read > 0 || KeyTerminal.Size != drawn) Draw();
        }

        void Draw()
        {
            drawn = KeyTerminal.Size;
            var time = clock.GetUtcNow().UtcDateTime.ToString("HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
            output.Write($"\e[H{string.Join("\e[K\r\n", TopScreen.Lines(state, document, drawn.Item1, drawn.Item2, time, colour))}\e[K\e[J");
        }
    }

    void TryLeave()
    {
        try
        {
            output.Write(Leave);
            output.Flush();
        }
        catch (IOException)
        {
            // There is no terminal any more.
        }
    }
}
