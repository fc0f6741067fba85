using System.Text;

namespace Lvsctl.Kernel.Tests.Running.Soak;

/// <summary>
/// Reads an answer of megabytes to its end and keeps nothing of it: a process with hundreds of megabytes in the lab runs into the limit of
/// mappings that the host has for user-mode Linux.
/// </summary>
static class AnswerScan
{
    const int Overlap = 256;

    /// <param name="figure">Name of a metric without labels.</param>
    /// <returns>Whether the words are in it, and the figure's value where it is.</returns>
    public static async Task<(bool Has, string? Figure)> OfAsync(Stream answer, string words, string? figure = null)
    {
        var (sought, name) = (Encoding.UTF8.GetBytes(words), figure is null ? null : Encoding.UTF8.GetBytes($"\n{figure} "));
        var buffer = new byte[64 * 1024];
        var (has, found, kept) = (false, default(string), 0);
        int read;
        while ((read = await answer.ReadAsync(buffer.AsMemory(kept))) > 0)
        {
            Look(buffer.AsSpan(0, kept + read));
            // What lies across two pieces is found in the second.
            var rest = Math.Min(Overlap, kept + read);
            buffer.AsSpan(kept + read - rest, rest).CopyTo(buffer);
            kept = rest;
        }
        return (has, found);

        void Look(ReadOnlySpan<byte> piece)
        {
            has |= piece.IndexOf(sought) >= 0;
            if (name is null || piece.IndexOf(name) is not (>= 0 and var at)) return;
            var value = piece[(at + name.Length)..];
            if (value.IndexOf((byte)'\n') is > 0 and var end) found = Encoding.UTF8.GetString(value[..end]);
        }
    }
}
