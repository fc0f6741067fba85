using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Lvsctl.Page.Tests;

/// <summary>Programs of Debian's that stand on the other side.</summary>
static class Programs
{
    public static async Task<(int Code, string Output)> RunAsync(string program, string[] arguments, string input = "")
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return (process.ExitCode, await output + await errors);
    }

    public static Process Start(string program, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"{program} is missing: scripts/setup prometheus chromium ({e.Message})", e);
        }
    }

    public static string Example(string file) => Path.Combine(Root(), "examples", "monitoring", file);

    static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
