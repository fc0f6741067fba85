using System.Net.Sockets;
using System.Text;

namespace Lvsctl.Director.Running;

/// <summary>Tells systemd, or whatever else set NOTIFY_SOCKET, how the director is (sd_notify(3)). Does nothing where nobody listens.</summary>
public sealed class ServiceManager : IDisposable
{
    readonly Socket? _socket;
    readonly UnixDomainSocketEndPoint? _to;
    readonly Lock _one = new();
    bool _isHeld;
    string? _held;

    /// <param name="address">As in NOTIFY_SOCKET: a path, or with @ in front an abstract name; null or empty: nobody.</param>
    /// <param name="watchdog">WATCHDOG_USEC: within how many microseconds it wants to hear of us; null: it does not care.</param>
    public ServiceManager(string? address, string? watchdog)
    {
        if (string.IsNullOrEmpty(address)) return;
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        _to = new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address);
        if (long.TryParse(watchdog, out var microseconds) && microseconds > 0) KeepAliveEvery = TimeSpan.FromMicroseconds(microseconds / 2);
    }

    public static ServiceManager FromEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), Environment.GetEnvironmentVariable("WATCHDOG_USEC"));

    /// <summary>How often <see cref="KeepAlive"/> should be called; null: it need not be.</summary>
    public TimeSpan? KeepAliveEvery { get; }

    /// <summary>Until then <see cref="Ready"/> is not passed on: whoever hears it may ask the director. From any thread, once.</summary>
    public void HoldReadyUntil(Task reachable)
    {
        lock (_one) _isHeld = true;
        reachable.ContinueWith(_ =>
        {
            lock (_one)
            {
                _isHeld = false;
                if (_held is { } status) Send(status);
                _held = null;
            }
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public void Ready(string status)
    {
        lock (_one)
        {
            if (_isHeld) _held = $"READY=1\nSTATUS={status}";
            else Send($"READY=1\nSTATUS={status}");
        }
    }

    public void Status(string status) => Send($"STATUS={status}");

    public void Stopping() => Send("STOPPING=1");

    public void KeepAlive() => Send("WATCHDOG=1");

    void Send(string text)
    {
        if (_socket is null) return;
        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(text), _to!);
        }
        catch (SocketException)
        {
            // Who does not listen misses nothing that the log does not say too.
        }
    }

    public void Dispose() => _socket?.Dispose();
}
