namespace Lvsctl.Cli.Commands;

/// <summary>Colour for people only: on a terminal, and not against their will (https://no-color.org).</summary>
static class Terminal
{
    public static bool WantsColour() =>
        IsScreen() && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    public static bool IsScreen() => !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

    public static string Bold(string text) => $"\e[1m{text}\e[0m";

    public static string Red(string text) => $"\e[31m{text}\e[0m";

    public static string Green(string text) => $"\e[32m{text}\e[0m";

    public static string Yellow(string text) => $"\e[33m{text}\e[0m";
}
