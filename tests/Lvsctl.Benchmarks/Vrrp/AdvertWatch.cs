using System.Diagnostics;
using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;
using Lvsctl.Linux.Addresses;
using Lvsctl.Linux.Processes;
using Lvsctl.Linux.Sockets;
using Lvsctl.Linux.Vrrp;

namespace Lvsctl.Benchmarks.Vrrp;

/// <summary>Listens on a segment, and knows which host spoke as master when.</summary>
sealed class AdvertWatch : IDisposable
{
    const int RealTimePriority = 40;

    readonly Poller _poller = new();
    readonly VrrpSocket _socket;
    readonly Thread _thread;
    readonly Lock _one = new();
    readonly AutoResetEvent _heard = new(false);
    readonly long[] _last = new long[3];
    int _master;
    long _masterSince;
    long _heardAt;
    long _silence;
    long _changes;
    volatile bool _isOver;

    public AdvertWatch(Space space)
    {
        _socket = space.Inside(() =>
        {
            using var client = AddressClient.Open();
            return VrrpSocket.Open(IpFamily.IPv4, VrrpAdvertisement.Protocol, "eth0", client.GetLink("eth0").Index);
        });
        _poller.Add(_socket.Descriptor, PollEvents.Readable, 1);
        _thread = new Thread(Listen);
        _thread.Start();
    }

    /// <summary>How often another host was heard than the one before.</summary>
    public long Changes
    {
        get
        {
            lock (_one) return _changes;
        }
    }

    /// <summary>The longest time between two adverts since this was asked last, in milliseconds.</summary>
    public double TakeLongestSilence()
    {
        lock (_one)
        {
            var longest = _silence / 1e6;
            _silence = 0;
            return longest;
        }
    }

    /// <summary>The host that spoke last, 1 or 2, and since when no other did; 0: nobody has.</summary>
    public (int Host, long Since) Master
    {
        get
        {
            lock (_one) return (_master, _masterSince);
        }
    }

    /// <summary>When a host was heard as master for the last time; 0: never.</summary>
    public long LastOf(int host)
    {
        lock (_one) return _last[host];
    }

    /// <summary>Until a host is heard after this moment.</summary>
    public long WaitFor(int host, long after, TimeSpan patience)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            if (LastOf(host) is var last && last > after) return last;
            if (Stopwatch.GetElapsedTime(began) > patience) throw new InvalidOperationException($"host {host} was not heard as master for {patience.TotalSeconds:F1} s");
            _heard.WaitOne(100);
        }
    }

    void Listen()
    {
        RealTime.TryPrefer(RealTimePriority);
        var ready = new PollReady[4];
        var buffer = new byte[2048];
        while (!_isOver)
        {
            _poller.Wait(ready, null);
            while (_socket.TryReceive(buffer, out var datagram, out _))
            {
                // Whoever leaves is no master any more.
                if (!VrrpAdvertisement.TryRead(datagram.Payload, IpFamily.IPv4, out var advert) || advert.Priority == VrrpAdvertisement.PriorityLeaving) continue;
                Note((int)(datagram.Source.Number & 0xff));
            }
        }
    }

    void Note(int host)
    {
        lock (_one)
        {
            var now = Stopwatch.GetTimestamp();
            if (host != _master)
            {
                if (_master != 0) _changes++;
                (_master, _masterSince) = (host, now);
            }
            if (_heardAt != 0 && now - _heardAt > _silence) _silence = now - _heardAt;
            _heardAt = now;
            _last[host] = now;
        }
        _heard.Set();
    }

    public void Dispose()
    {
        _isOver = true;
        _poller.Wake();
        _thread.Join();
        _socket.Dispose();
        _poller.Dispose();
        _heard.Dispose();
    }
}
