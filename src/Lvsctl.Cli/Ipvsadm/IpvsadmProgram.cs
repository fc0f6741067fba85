namespace Lvsctl.Cli.Ipvsadm;

/// <summary>
/// lvsctl in the place of ipvsadm, ipvsadm-save and ipvsadm-restore: the same words, the same effect, the same answers.
/// </summary>
static class IpvsadmProgram
{
    const string Ipvsadm = "ipvsadm";

    /// <param name="calledAs">argv[0]: its last part decides which of the three programs it is, and all of it appears in messages.</param>
    public static int Run(IpvsadmEnvironment environment, string calledAs, ReadOnlySpan<string> words)
    {
        using var session = new IpvsadmSession(environment);
        return BaseName(calledAs) switch
        {
            "ipvsadm-save" => Save(session, calledAs, words),
            "ipvsadm-restore" => session.Restore(WithoutComments(environment.Input), clearFirst: true),
            _ => session.Run(calledAs, words, OwnHelp(environment, calledAs)),
        };
    }

    static int Save(IpvsadmSession session, string calledAs, ReadOnlySpan<string> words)
    {
        var numeric = false;
        foreach (var word in words)
        {
            if (word == "-n") numeric = true;
            else if (word.StartsWith('-')) return session.ExplainSave(BaseName(calledAs));
        }
        return session.Run(Ipvsadm, numeric ? ["-S", "-n"] : ["-S"]);
    }

    // All of it is read before the table is cleared: what comes through a pipe may come from ipvsadm-save.
    static MemoryStream WithoutComments(Stream input)
    {
        var kept = new MemoryStream();
        input.CopyTo(kept);
        var text = kept.GetBuffer().AsSpan(0, (int)kept.Length);
        var length = 0;
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (line.StartsWith((byte)'#')) continue;
            line.CopyTo(text[length..]);
            length += line.Length;
            if (length < text.Length) text[length++] = (byte)'\n';
        }
        kept.SetLength(length);
        kept.Position = 0;
        return kept;
    }

    static string OwnHelp(IpvsadmEnvironment environment, string calledAs) =>
        BaseName(calledAs) == Ipvsadm || environment.OwnHelp.Length == 0 ? "" : $"\n{environment.OwnHelp}";

    static string BaseName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
