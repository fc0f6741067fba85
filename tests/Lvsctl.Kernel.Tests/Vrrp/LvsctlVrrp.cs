using System.Diagnostics;
using System.Text.Json;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary><c>lvsctl vrrp</c> on a host of a segment, as the program that users have.</summary>
sealed class LvsctlVrrp : IDisposable
{
    readonly Segment _segment;
    readonly LabHost _host;
    readonly string _name;
    Process? _process;
    string _socket = "";

    /// <param name="router">The router's keys in the manifest, one a line; interface and id are there already.</param>
    public LvsctlVrrp(Segment segment, int host, string router, string name)
    {
        (_segment, _host, _name) = (segment, segment.Hosts[host - 1], $"{name}{host}");
        Configure(router);
    }

    string At(string file) => Path.Combine(_segment.Work, $"{_name}{file}");

    public string Log => File.ReadAllText(At(".log"));

    /// <param name="rest">Of the manifest.</param>
    public void Configure(string router, string rest = "") =>
        File.WriteAllText(At(".yaml"), $"{rest}vrrp:\n  edge:\n    interface: eth0\n    id: 51\n{string.Join("\n", router.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(l => $"    {l}"))}\n");

    /// <param name="state">A state directory in the segment's work, with its socket in it; null: of its own.</param>
    public void Start(string? state = null)
    {
        if (state is not null) Directory.CreateDirectory(Path.Combine(_segment.Work, state));
        _socket = state is null ? At(".sock") : Path.Combine(_segment.Work, state, "vrrp.sock");
        _process = _host.Spawn(At(".log"), Lab.Program.Path, "vrrp", "-m", At(".yaml"), "--state-dir", state is null ? At(".state") : Path.Combine(_segment.Work, state), "--socket", _socket);
    }

    public Command.Result Ask(params string[] words) => _host.Try(Lab.Program.Path, ["vrrp", .. words, "--socket", _socket]);

    public JsonElement Status()
    {
        var result = Ask("status", "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        return JsonDocument.Parse(result.Output).RootElement;
    }

    public JsonElement Router() => Status().GetProperty("routers")[0];

    public void Signal(string name) => Command.MustRun("kill", $"-{name}", $"{_process!.Id}");

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
