namespace Lvsctl.Director.Vrrp;

/// <summary>The names of the processes that run, as the kernel keeps them (proc(5), comm).</summary>
static class RunningPrograms
{
    // TASK_COMM_LEN without its end.
    const int Longest = 15;

    public static HashSet<string> Names()
    {
        var names = new HashSet<string>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!char.IsAsciiDigit(Path.GetFileName(directory)[0])) continue;
            try
            {
                names.Add(File.ReadAllText($"{directory}/comm").TrimEnd('\n'));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile.
            }
        }
        return names;
    }

    /// <summary>The kernel keeps no more of a name.</summary>
    public static string Cut(string name) => name.Length > Longest ? name[..Longest] : name;
}
