using System.Globalization;
using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;
using Lvsctl.Testing;

namespace Lvsctl.Linux.Tests.Ipvs;

/// <summary>
/// A kernel whose answers are garbled on the way. Whatever comes, the client answers or throws its own exceptions. LVSCTL_FUZZ_COUNT
/// and LVSCTL_SEED make the long run of scripts/fuzz out of the short one here.
/// </summary>
public class ReplyFuzzTests(ITestOutputHelper output)
{
    static readonly ServiceKey s_web = ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80);

    [Fact]
    public void Garbled_answers_never_crash_or_hang_the_client()
    {
        var count = Setting("LVSCTL_FUZZ_COUNT", 20_000);
        var seed = Setting("LVSCTL_SEED", 20261122);
        output.WriteLine($"seed {seed}, {count} mutated answers");
        var kernel = Kernel();
        var garbled = 0;
        var round = 0;
        int refused = 0, understood = 0;
        while (garbled < count)
        {
            var transport = new GarblingTransport(kernel.Connect(), new Random(unchecked(seed * 1_000_003 + round)));
            try
            {
                using var client = new IpvsClient(transport);
                Use(client, round);
                understood++;
            }
            catch (Exception e) when (e is NetlinkException or IpvsException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"round {round} of seed {seed}: {e}");
            }
            garbled += transport.Garbled;
            round++;
        }

        output.WriteLine($"{round} rounds: {understood} understood, {refused} refused; {GC.GetTotalMemory(true) / 1024} KiB held");
        // Both must happen, or the mutations are too tame or too wild to reach anything.
        Assert.InRange(understood, round / 100, round);
        Assert.InRange(refused, round / 100, round);
        // It may come out below zero while other tests allocate.
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) <= 256 << 20);
    }

    static void Use(IpvsClient client, int round)
    {
        switch (round % 6)
        {
            case 0: client.ListServices(); break;
            case 1: client.ListServers(s_web); break;
            case 2: client.FindService(s_web); break;
            case 3: client.ListSyncDaemons(); break;
            case 4: client.GetTimeouts(); break;
            default:
                client.Apply([
                    new TableChange.SetServer(s_web, new RealServer(new RealServerKey(IPAddress.Parse("10.1.0.1"), 80)) { Weight = round & 0xff }),
                    new TableChange.AddService(new VirtualService(s_web)),
                    new TableChange.SetTimeouts(new ConnectionTimeouts(1, 2, 3))]);
                break;
        }
    }

    static FakeKernel Kernel()
    {
        var kernel = new FakeKernel();
        var statistics = new TrafficStatistics(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        kernel.Preload(new VirtualService(s_web) { PersistenceEngine = "sip" }, statistics,
            new ObservedServer(new RealServer(new RealServerKey(IPAddress.Parse("10.1.0.1"), 80)), 1, 2, 3, statistics),
            new ObservedServer(new RealServer(new RealServerKey(IPAddress.Parse("2001:db8::1"), 80)), 1, 2, 3, statistics));
        kernel.Preload(new VirtualService(ServiceKey.Marked(7, IpFamily.IPv6)), statistics);
        kernel.Daemons.Add(new SyncDaemon(SyncState.Master, "eth0") { Group = IPAddress.Parse("224.0.0.81") });
        return kernel;
    }

    static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    sealed class GarblingTransport(INetlinkTransport kernel, Random random) : INetlinkTransport
    {
        byte[]? _again;

        public int Garbled { get; private set; }

        public void Send(ReadOnlySpan<byte> datagram) => kernel.Send(datagram);

        public bool TryReceive(Span<byte> buffer, TimeSpan timeout, out int length, CancellationToken cancellation)
        {
            if (_again is { } again)
            {
                _again = null;
                again.CopyTo(buffer);
                length = again.Length;
                return true;
            }
            if (!kernel.TryReceive(buffer, timeout, out length, cancellation)) return false;
            // The first answers are left whole now and then, so that the later ones are reached.
            if (random.Next(4) == 0)
            {
                Garbled++;
                Garble(buffer, ref length);
            }
            return true;
        }

        void Garble(Span<byte> buffer, ref int length)
        {
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                switch (random.Next(7))
                {
                    case 0: length = random.Next(length + 1); break;
                    case 1 when length > 0: buffer[random.Next(length)] ^= (byte)(1 << random.Next(8)); break;
                    case 2 when length > 0: buffer[random.Next(length)] = (byte)random.Next(256); break;
                    // A length field, where most of the harm can be done.
                    case 3 when length > 20: buffer[20 + random.Next((length - 20) / 4) * 4] = (byte)random.Next(256); break;
                    case 4 when length > 24: buffer.Slice(random.Next(length - 4) & ~3, 4).Fill((byte)(random.Next(2) * 255)); break;
                    case 5: _again = buffer[..length].ToArray(); break;
                    case 6 when length > 40:
                        var from = random.Next(length - 8);
                        buffer[(from + 4)..length].CopyTo(buffer[from..]);
                        length -= 4;
                        break;
                }
            }
        }

        public bool TryGrowReceiveBuffer(int bytes) => kernel.TryGrowReceiveBuffer(bytes);

        public void Dispose() => kernel.Dispose();
    }
}
