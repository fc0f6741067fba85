using System.CommandLine;
using Lvsctl.Director.Control;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Cli.Commands.Vrrp;

/// <summary>Waits for what becomes of a hand-over, and says it.</summary>
static class HandOverWatch
{
    const int PauseMs = 20;

    public static int Run(string path, IReadOnlyList<string> routers, InvocationConfiguration streams)
    {
        var code = ExitCode.Done;
        foreach (var name in routers)
        {
            // It ends by itself: nobody is waited for longer than the protocol's time.
            VrrpRouterDocument? router;
            while ((router = VrrpClient.Status(path).Routers.FirstOrDefault(r => r.Name == name))?.State == "leaving") Thread.Sleep(PauseMs);
            switch (router)
            {
                case { State: "master" }:
                    streams.Error.WriteLine($"lvsctl: {name}: nobody took over, so it stays master here");
                    code = ExitCode.Failed;
                    break;
                case { Master: { } master }:
                    streams.Output.WriteLine($"{name}: {master.Address} (priority {master.Priority}) is master now");
                    break;
                default:
                    streams.Output.WriteLine($"{name}: handed over");
                    break;
            }
        }
        return (int)code;
    }
}
