using System.CommandLine;
using Lvsctl.Director.Control;
using Lvsctl.Director.State;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Cli.Commands.Vrrp;

/// <summary>Waits for what becomes of a hand-over, and says it.</summary>
static class HandOverWatch
{
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    public static int Run(string path, IReadOnlyList<string> routers, InvocationConfiguration streams, TimeProvider clock)
    {
        var code = ExitCode.Done;
        foreach (var name in routers)
        {
            // It ends by itself: nobody is waited for longer than the protocol's time.
            VrrpRouterDocument? router;
            while ((router = VrrpClient.Status(path).Routers.FirstOrDefault(r => r.Name == name))?.State == "leaving") clock.Pause(s_pause);
            var (outcome, text) = Outcome(router);
            if (outcome == ExitCode.Done)
            {
                streams.Output.WriteLine($"{name}: {text}");
                continue;
            }
            streams.Error.WriteLine($"lvsctl: {name}: {text}");
            code = outcome;
        }
        return (int)code;
    }

    /// <param name="router">As it is after it has left; null: it is in the manifest no more.</param>
    internal static (ExitCode Code, string Text) Outcome(VrrpRouterDocument? router) => router switch
    {
        { State: "master" } => (ExitCode.Failed, "nobody took over, so it stays master here"),
        { Master: { } master } => (ExitCode.Done, $"{master.Address} (priority {master.Priority}) is master now"),
        // Of a sync group, where all of them must first be ready to be master again.
        { State: "backup" } => (ExitCode.Failed, "nobody took over: no other master is heard, so this host becomes master again"),
        _ => (ExitCode.Done, "handed over"),
    };
}
