using System.Net.Sockets;
using System.Text;
using Lvsctl.Director.Running;

namespace Lvsctl.Director.Tests.Running;

/// <summary>What systemd hears (sd_notify(3)).</summary>
public sealed class ServiceManagerTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-notify-").FullName;
    readonly Socket _systemd = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    readonly ServiceManager _manager;

    public ServiceManagerTests()
    {
        var path = Path.Combine(_folder, "notify");
        _systemd.Bind(new UnixDomainSocketEndPoint(path));
        _manager = new ServiceManager(path, "10000000");
    }

    public void Dispose()
    {
        _manager.Dispose();
        _systemd.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void It_hears_that_the_director_is_ready_and_how_it_is()
    {
        _manager.Ready("all well");
        Assert.Equal(["READY=1\nSTATUS=all well"], Heard());
        Assert.Equal(TimeSpan.FromSeconds(5), _manager.KeepAliveEvery);
    }

    [Fact]
    public void It_hears_so_only_once_the_director_can_be_asked()
    {
        var socket = new TaskCompletionSource();
        _manager.HoldReadyUntil(socket.Task);
        _manager.Ready("first");
        _manager.Ready("second");
        Assert.Empty(Heard());

        socket.SetResult();
        Assert.Equal(["READY=1\nSTATUS=second"], Heard());
        _manager.Ready("third");
        Assert.Equal(["READY=1\nSTATUS=third"], Heard());
    }

    [Fact]
    public void Where_the_socket_comes_first_nothing_is_held()
    {
        _manager.HoldReadyUntil(Task.CompletedTask);
        Assert.Empty(Heard());
        _manager.Ready("well");
        Assert.Equal(["READY=1\nSTATUS=well"], Heard());
    }

    List<string> Heard()
    {
        var heard = new List<string>();
        var buffer = new byte[1024];
        while (_systemd.Available > 0) heard.Add(Encoding.UTF8.GetString(buffer, 0, _systemd.Receive(buffer)));
        return heard;
    }
}
