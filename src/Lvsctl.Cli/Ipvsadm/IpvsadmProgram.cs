using Lvsctl.Cli.Ipvsadm.Restoring;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;

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
        return session.Finish(Run(environment, session, calledAs, words));
    }

    static int Run(IpvsadmEnvironment environment, IpvsadmSession session, string calledAs, ReadOnlySpan<string> words)
    {
        try
        {
            return BaseName(calledAs) switch
            {
                "ipvsadm-save" => Save(session, calledAs, words),
                "ipvsadm-restore" => session.Restore(WithoutComments(environment.Input), clearFirst: true),
                _ => session.Run(calledAs, words, OwnHelp(environment, calledAs)),
            };
        }
        catch (IOException failure)
        {
            // Rules that cannot be read are no reason to clear the table.
            return session.Fail($"cannot read the rules: {failure.Message}; nothing was changed");
        }
        catch (Exception failure) when (failure is IpvsException or NetlinkException)
        {
            // Not a refusal: the conversation with the kernel itself broke down.
            return session.Fail(failure.Message);
        }
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
    static RestoreInput WithoutComments(Stream input)
    {
        var whole = new MemoryStream();
        input.CopyTo(whole);
        whole.WriteByte((byte)'\n');
        var text = whole.GetBuffer().AsSpan(0, (int)whole.Length);
        var kept = 0;
        while (!text.IsEmpty)
        {
            var line = text[..(text.IndexOf((byte)'\n') + 1)];
            text = text[line.Length..];
            if (line[0] == '#') continue;
            line.CopyTo(whole.GetBuffer().AsSpan(kept));
            kept += line.Length;
        }
        return new RestoreInput(whole.GetBuffer(), kept);
    }

    static string OwnHelp(IpvsadmEnvironment environment, string calledAs) =>
        BaseName(calledAs) == Ipvsadm || environment.OwnHelp.Length == 0 ? "" : $"\n{environment.OwnHelp}";

    static string BaseName(string path) => path[(path.LastIndexOf('/') + 1)..];
}
