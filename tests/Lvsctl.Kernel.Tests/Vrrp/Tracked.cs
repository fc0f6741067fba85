using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>One of each kind of thing that a virtual router on the first host can depend on, to be broken and mended.</summary>
sealed class Tracked : IDisposable
{
    readonly Segment _segment;
    Process? _program;
    Socket? _listener;

    public Tracked(Segment segment)
    {
        _segment = segment;
        segment.Hosts[0].Run("ip", "link", "add", "uplink", "type", "veth", "peer", "name", "router");
        segment.Hosts[0].Run("ip", "link", "set", "router", "up");
        // A name that nobody else's process has.
        File.CreateSymbolicLink(Program, "/usr/bin/sleep");
        foreach (var kind in Kinds) Mend(kind);
    }

    public static string[] Kinds { get; } = ["interface", "check", "file", "process"];

    string File_ => $"{_segment.Work}/well";

    string Program => $"{_segment.Work}/gatekeeper";

    /// <summary>A manifest with all four.</summary>
    /// <param name="weight">By kind.</param>
    public string Manifest(Func<string, int> weight) => $$"""
        checks:
          answers: { tcp: {}, every: 500ms, timeout: 400ms, rise: 1, fall: 1 }
        vrrp:
          edge:
            interface: eth0
            id: 51
            interval: 100ms
            priority: 100
            addresses: 10.1.8.100/24
            track:
              - { interface: uplink, weight: {{weight("interface")}} }
              - { check: answers, target: "127.0.0.1:7", weight: {{weight("check")}} }
              - { file: {{File_}}, weight: {{weight("file")}} }
              - { process: gatekeeper, weight: {{weight("process")}} }

        """;

    /// <summary>As status names it.</summary>
    public string Name(string kind) => kind switch
    {
        "interface" => "interface uplink",
        "check" => "check answers",
        "file" => $"file {File_}",
        _ => "process gatekeeper",
    };

    public void Mend(string kind)
    {
        if (kind == "interface") _segment.Hosts[0].Run("ip", "link", "set", "uplink", "up");
        else if (kind == "file") File.WriteAllText(File_, "");
        else if (kind == "check") _listener = _segment.Hosts[0].Listen(new IPEndPoint(IPAddress.Any, 7));
        else _program = _segment.Hosts[0].Spawn("/dev/null", Program, "1000");
    }

    public void Break(string kind)
    {
        if (kind == "interface") _segment.Hosts[0].Run("ip", "link", "set", "uplink", "down");
        else if (kind == "file") File.Delete(File_);
        else if (kind == "check") _listener!.Dispose();
        else End();
    }

    void End()
    {
        _program?.Kill();
        _program?.WaitForExit();
        _program?.Dispose();
        _program = null;
    }

    public void Dispose()
    {
        _listener?.Dispose();
        End();
    }
}
