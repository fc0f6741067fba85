using System.Globalization;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Processes;

/// <summary>The memory that a program's own files take.</summary>
public static unsafe class ProgramPages
{
    const int MADV_DONTNEED = 4;

    /// <summary>
    /// Hands back the pages of files (the program, its libraries) that nobody has written to: most were needed for the start alone, and what
    /// is needed again is mapped again from the page cache. A page that was written to is the process's own and stays.
    /// </summary>
    /// <returns>Bytes that were resident there.</returns>
    public static long HandBackClean()
    {
        long bytes = 0;
        foreach (var (start, end, resident) in Clean())
        {
            if (LibC.madvise((void*)start, (nuint)(end - start), MADV_DONTNEED) == 0) bytes += resident;
        }
        return bytes;
    }

    // Mappings of files that cannot be written to, and of which no page is private (proc(5), smaps): a page that was relocated before it was
    // made read-only would be lost.
    static List<(nuint Start, nuint End, long Resident)> Clean()
    {
        var found = new List<(nuint, nuint, long)>();
        (nuint Start, nuint End)? mapping = null;
        long resident = 0;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 5 && words[0].IndexOf('-') is > 0 and var dash && words[1].Length == 4)
            {
                var isFile = words.Length >= 6 && words[5].StartsWith('/');
                mapping = isFile && words[1] is "r-xp" or "r--p" ? (Address(words[0].AsSpan(0, dash)), Address(words[0].AsSpan(dash + 1))) : null;
            }
            else if (line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                resident = KiB(words) * 1024;
            }
            // The last of those that are looked at.
            else if (line.StartsWith("Private_Dirty:", StringComparison.Ordinal) && KiB(words) > 0)
            {
                mapping = null;
            }
            else if (line.StartsWith("Anonymous:", StringComparison.Ordinal) && mapping is { } clean && KiB(words) == 0)
            {
                found.Add((clean.Start, clean.End, resident));
            }
        }
        return found;
    }

    static nuint Address(ReadOnlySpan<char> text) => nuint.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    static long KiB(string[] words) => long.Parse(words[1], CultureInfo.InvariantCulture);
}
