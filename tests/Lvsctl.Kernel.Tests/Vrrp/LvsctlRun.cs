using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary><c>lvsctl run</c> on a host of a segment, and the <c>lvsctl vrrp</c> that it keeps.</summary>
sealed class LvsctlRun : IDisposable
{
    readonly Segment _segment;
    readonly LabHost _host;
    readonly string[] _options;
    Process? _process;

    public LvsctlRun(Segment segment, int host, params string[] options)
    {
        (_segment, _host, _options) = (segment, segment.Hosts[host - 1], options);
        Directory.CreateDirectory(At("state"));
    }

    string At(string file) => Path.Combine(_segment.Work, $"run-{file}");

    public string Log => File.ReadAllText(At("director.log"));

    /// <summary>A service to see to, with the rest of the manifest.</summary>
    public void Write(string rest) => File.WriteAllText(At("cluster.yaml"), $$"""
        control: { socket: {{At("state")}}/control.sock }
        services:
          web: { listen: "tcp 10.1.8.100:80", forward: nat, servers: { rs1: 10.1.8.2 } }
        {{rest}}
        """);

    public void Start() => _process = _host.Spawn(At("director.log"), Lab.Program.Path, ["run", "-m", At("cluster.yaml"), "--state-dir", At("state"), .. _options]);

    public Command.Result Lvsctl(string verb, params string[] more) => _host.Try(Lab.Program.Path, [.. verb.Split(' '), "-m", At("cluster.yaml"), .. more]);

    public void Reload() => Assert.Equal(0, _host.Try(Lab.Program.Path, "reload", "--socket", $"{At("state")}/control.sock").ExitCode);

    /// <summary>Asked where one answers, read where none does.</summary>
    public string Events(params string[] more)
    {
        var result = Lvsctl("events", ["--state-dir", At("state"), "--socket", $"{At("state")}/control.sock", .. more]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    /// <summary>Whether it has noted on disk that its one target was told of all changes of a router: killed before, it tells the last once more.</summary>
    public bool HasNoted(string router)
    {
        var last = Events("--json").Split('\n').Last(l => l.Contains($"{router}: ", StringComparison.Ordinal));
        var noted = File.ReadAllText(Directory.GetFiles($"{At("state")}/notify").Single());
        return long.Parse(noted.Split(' ')[0], CultureInfo.InvariantCulture) >= JsonDocument.Parse(last).RootElement.GetProperty("id").GetInt64();
    }

    /// <summary>What its process answers.</summary>
    public JsonElement Vrrp()
    {
        var result = Lvsctl("vrrp status", "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        return JsonDocument.Parse(result.Output).RootElement;
    }

    public int VrrpId => Vrrp().GetProperty("process").GetInt32();

    public bool HasVrrp => Lvsctl("vrrp status").ExitCode == 0;

    public void Wait(string words) => _segment.Wait(() => File.Exists(At("director.log")) && Log.Contains(words, StringComparison.Ordinal), $"'{words}'");

    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    public int Stop()
    {
        Command.MustRun("kill", "-TERM", $"{_process!.Id}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (_process is { HasExited: false }) Kill();
        _process?.Dispose();
        Lvsctl("vrrp stop");
    }
}
