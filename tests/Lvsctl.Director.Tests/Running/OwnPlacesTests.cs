using System.Net;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Running;

namespace Lvsctl.Director.Tests.Running;

/// <summary>Nothing in a manifest can make the daemon write where it should not, or give root's rights away.</summary>
public class OwnPlacesTests
{
    static readonly OwnPlaces s_places = new(["/run/lvsctl", "/var/log/lvsctl/", "/srv/lvs"]);
    static readonly ProbeSpec.Exec s_asRoot = new(["/bin/true"]) { User = "root" };

    static ClusterSpec Log(string file) => new() { Log = new() { File = file } };

    static ClusterSpec Socket(string path) => new() { Control = new() { Socket = path } };

    static string? Objection(ClusterSpec manifest) => s_places.Objection(manifest, isStateGiven: true);

    [Theory]
    [InlineData("/var/log/lvsctl/lvsctl.log")]
    [InlineData("/var/log/lvsctl/2026/lvsctl.log")]
    [InlineData("/var/log/lvsctl/../lvsctl/lvsctl.log")]
    [InlineData("/run/lvsctl/lvsctl.log")]
    [InlineData("/srv/lvs/log")]
    public void Its_own_directories_are_open_to_a_manifest(string path)
    {
        Assert.Null(Objection(Log(path)));
        Assert.Null(Objection(Socket(path)));
    }

    [Theory]
    [InlineData("/etc/cron.d/lvsctl")]
    [InlineData("/tmp/lvsctl")]
    [InlineData("/var/log/lvsctl-of-others/log")]
    [InlineData("/var/log/lvsctl/../../../etc/passwd")]
    [InlineData("/run/lvsctl/../systemd/notify")]
    public void Every_other_place_is_refused_by_name_and_told_what_would_do(string path)
    {
        Assert.Equal(
            $"the daemon writes nothing outside of its directories (/run/lvsctl, /var/log/lvsctl/, /srv/lvs), and the manifest wants log.file {path}: name a path below one of them",
            Objection(Log(path)));
        Assert.Contains($"the manifest wants control.socket {path}: ", Objection(Socket(path)));
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once() =>
        Assert.Contains("control.socket /a/socket, log.file /b/log", Objection(Socket("/a/socket") with { Log = new() { File = "/b/log" } }));

    [Fact]
    public void Where_the_state_is_counts_unless_the_command_line_says_it()
    {
        var elsewhere = new ClusterSpec { Daemon = new() { StateDirectory = "/etc" } };

        Assert.Contains("daemon.state-directory /etc", s_places.Objection(elsewhere, isStateGiven: false));
        Assert.Null(s_places.Objection(elsewhere, isStateGiven: true));
        Assert.Null(s_places.Objection(new ClusterSpec { Daemon = new() { StateDirectory = "/srv/lvs/state" } }, isStateGiven: false));
    }

    [Fact]
    public void What_the_command_line_and_the_service_manager_name_is_its_own_too()
    {
        Environment.SetEnvironmentVariable("LOGS_DIRECTORY", "/var/log/one:/var/log/two");
        try
        {
            var places = OwnPlaces.Of("/srv/state");
            foreach (var path in (string[])["/var/log/one/log", "/var/log/two/log", "/srv/state/log", "/run/lvsctl/log", "/var/log/lvsctl/log", "/var/lib/lvsctl/log"])
                Assert.Null(places.Objection(Log(path), isStateGiven: true));
            Assert.NotNull(places.Objection(Log("/var/log/three/log"), isStateGiven: true));
        }
        finally
        {
            Environment.SetEnvironmentVariable("LOGS_DIRECTORY", null);
        }
    }

    public static TheoryData<ClusterSpec> Mighty =>
    [
        new ClusterSpec { Daemon = new() { ProbeUser = "root" } },
        new ClusterSpec { Notify = [new(new NotifyTarget.Exec(["/bin/true"]) { User = "root" })] },
        Checked(new("own", s_asRoot)),
        Checked(new("one", new ProbeSpec.Any([new("port", new ProbeSpec.Tcp()), new("both", new ProbeSpec.All([new("own", s_asRoot)]))]))),
    ];

    static ClusterSpec Checked(CheckSpec check) => new() { Services = [new("web") { Servers = [new("rs1", IPAddress.Loopback) { Check = check }] }] };

    [Theory, MemberData(nameof(Mighty))]
    public void No_program_of_a_manifest_runs_as_root(ClusterSpec manifest) =>
        Assert.Contains("runs no program of a manifest with root's rights, and the manifest names root", Objection(manifest));

    // A user that is not there is the trouble of whoever would run as him.
    [Theory]
    [InlineData("nobody")]
    [InlineData("nobody-of-this-name")]
    public void Others_may_run_them(string user) => Assert.Null(Objection(new ClusterSpec { Daemon = new() { ProbeUser = user } }));
}
