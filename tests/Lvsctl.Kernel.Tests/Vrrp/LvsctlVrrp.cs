using System.Diagnostics;
using System.Text.Json;
using Lvsctl.Director.Control;
using Lvsctl.Director.Vrrp;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary><c>lvsctl vrrp</c> on a host of a segment, as the program that users have.</summary>
sealed class LvsctlVrrp : IDisposable
{
    readonly Segment _segment;
    readonly LabHost _host;
    readonly string _name;
    Process? _process;

    /// <param name="router">Keys of one virtual router, one a line, whose interface and id are there already; or a whole manifest.</param>
    public LvsctlVrrp(Segment segment, int host, string router, string name)
    {
        (_segment, _host, _name) = (segment, segment.Hosts[host - 1], $"{name}{host}");
        Configure(router);
    }

    string At(string file) => Path.Combine(_segment.Work, $"{_name}{file}");

    public string Log => File.ReadAllText(At(".log"));

    public string Socket { get; private set; } = "";

    public string State { get; private set; } = "";

    public string Manifest => At(".yaml");

    /// <param name="rest">Of the manifest.</param>
    public void Configure(string router, string rest = "") => File.WriteAllText(Manifest, router.Contains("\nvrrp:\n", StringComparison.Ordinal) ? router
        : $"{rest}vrrp:\n  edge:\n    interface: eth0\n    id: 51\n{string.Join("\n", router.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(l => $"    {l}"))}\n");

    /// <param name="state">A state directory in the segment's work, with its socket in it; null: of its own.</param>
    public void Start(string? state = null)
    {
        State = state is null ? At(".state") : Directory.CreateDirectory(Path.Combine(_segment.Work, state)).FullName;
        Socket = state is null ? At(".sock") : Path.Combine(State, "vrrp.sock");
        _process = _host.Spawn(At(".log"), Lab.Program.Path, "vrrp", "-m", Manifest, "--state-dir", State, "--socket", Socket);
    }

    public Command.Result Ask(params string[] words) => _host.Try(Lab.Program.Path, ["vrrp", .. words, "--socket", Socket]);

    public JsonElement Status()
    {
        var result = Ask("status", "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        return JsonDocument.Parse(result.Output).RootElement;
    }

    public JsonElement Router() => Status().GetProperty("routers")[0];

    /// <summary>What people are shown.</summary>
    public string StatusText()
    {
        var result = Ask("status");
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    /// <summary>Null: it does not listen, or not yet.</summary>
    public VrrpRouterDocument? TryLook(int router = 0)
    {
        try
        {
            return VrrpClient.Status(Socket).Routers[router];
        }
        catch (ControlException)
        {
            return null;
        }
    }

    public VrrpRouterDocument Look(int router = 0) => VrrpClient.Status(Socket).Routers[router];

    /// <summary>For whoever wonders why it is silent.</summary>
    public string Fate => $"{_name} {(_process is { HasExited: true } dead ? $"ended with {dead.ExitCode}" : $"is process {_process?.Id}")}";

    public void WaitForState(string state, int router = 0) => _segment.Wait(() => TryLook(router)?.State == state, $"{_name} to be {state}");

    public void WaitForWords(string words) => _segment.Wait(() => Log.Contains(words, StringComparison.Ordinal), $"{_name} to say '{words}'");

    public void Signal(string name) => Command.MustRun("kill", $"-{name}", $"{_process!.Id}");

    public int Id => _process!.Id;

    /// <summary>Its exit code.</summary>
    public int Stop()
    {
        Signal("TERM");
        _process!.WaitForExit();
        return _process.ExitCode;
    }

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (_process is { HasExited: false }) Kill();
        _process?.Dispose();
    }
}
