using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Testing;

/// <summary>
/// A kernel with IPVS, as far as one can see through generic netlink: it keeps a table, refuses what Linux 6.1 was seen to refuse with
/// the same errno, and can be told to misbehave in the ways real kernels do.
/// </summary>
public sealed partial class FakeKernel
{
    /// <summary>False: the family cannot be looked up, nor loaded.</summary>
    public bool HasIpvs { get; set; } = true;

    /// <summary>False: every IPVS command answers EPERM.</summary>
    public bool IsPermitted { get; set; } = true;

    public ushort FamilyId { get; private set; } = 28;

    public uint ConnectionTableSize { get; set; } = 4096;

    /// <summary>Answers that wait beyond this many are dropped, as with a default receive buffer; growing the buffer lifts it.</summary>
    public int AnswersHeld { get; set; } = 277;

    public bool MayGrowBuffers { get; set; } = true;

    /// <summary>Kernels before 4.1 do not send STATS64.</summary>
    public bool SendsStats64 { get; set; } = true;

    /// <summary>Kernels before 3.18 do not send a server's address family.</summary>
    public bool SendsServerFamily { get; set; } = true;

    /// <summary>Commands (IPVS_CMD_*) that are carried out but get no answer at all.</summary>
    public HashSet<byte> Unanswered { get; } = [];

    /// <summary>Commands that get neither carried out nor answered.</summary>
    public HashSet<byte> Swallowed { get; } = [];

    /// <summary>Called before each pass of a service dump: the place for a table that changes while it is read.</summary>
    public Action? BeforeServiceDump { get; set; }

    /// <summary>Called with each command before it is carried out: the place for somebody who is quicker.</summary>
    public Action<byte>? BeforeCommand { get; set; }

    /// <summary>Sends each service of a dump twice, as a table that grows while it is read does.</summary>
    public bool RepeatsInDumps { get; set; }

    public ConnectionTimeouts Timeouts { get; set; } = new(900, 120, 300);

    public List<SyncDaemon> Daemons { get; } = [];

    public List<FakeService> Services { get; } = [];

    /// <summary>The command numbers that reached IPVS, in order.</summary>
    public List<byte> Commands { get; } = [];

    /// <summary>How many send calls were made, and with how many messages each.</summary>
    public List<int> Sends { get; } = [];

    public HashSet<string> Schedulers { get; } = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "mh", "fo", "ovf", "none"];

    public INetlinkTransport Connect() => new FakeNetlinkSocket(this);

    /// <summary>rmmod and modprobe: an empty table under another family number.</summary>
    public void ReloadModule()
    {
        FamilyId++;
        Services.Clear();
    }

    /// <summary>As if an operator had added it long ago, with counters.</summary>
    public FakeService Preload(VirtualService service, TrafficStatistics statistics = default, params IEnumerable<ObservedServer> servers)
    {
        var fake = new FakeService { Service = service, Statistics = statistics };
        fake.Servers.AddRange(servers);
        Services.Add(fake);
        return fake;
    }

    /// <summary>One send: every message is handled in turn, whatever becomes of the one before.</summary>
    internal List<byte[]> Handle(ReadOnlySpan<byte> datagram)
    {
        // Sockets may be of several threads; a test that changes the table under them takes this lock too.
        lock (Services) return HandleAlone(datagram);
    }

    List<byte[]> HandleAlone(ReadOnlySpan<byte> datagram)
    {
        var answers = new List<byte[]>();
        var messages = 0;
        // A message that is cut or garbled ends the handling in silence, as in netlink_rcv_skb().
        while (datagram.Length >= 16)
        {
            var length = (int)Bytes.ReadU32(datagram[..4].ToArray());
            if (length < 16 || length > datagram.Length) break;
            messages++;
            HandleMessage(datagram[..length], answers);
            datagram = datagram[Math.Min((length + 3) & ~3, datagram.Length)..];
        }
        Sends.Add(messages);
        return answers;
    }

    void HandleMessage(ReadOnlySpan<byte> message, List<byte[]> answers)
    {
        var type = Bytes.ReadU16(message[4..6].ToArray());
        var flags = Bytes.ReadU16(message[6..8].ToArray());
        var sequence = Bytes.ReadU32(message[8..12].ToArray());
        var isDump = (flags & 0x300) == 0x300;
        var wantsAck = (flags & 0x4) != 0;
        var command = message.Length > 16 ? message[16] : (byte)0;
        var attributes = Bytes.Attributes(message.Length >= 20 ? message[20..] : default);
        var request = new FakeRequest(sequence, command, attributes, answers);

        Errno errno;
        if (type == 16)
        {
            errno = GetFamily(request);
        }
        else if (type != FamilyId || !HasIpvs)
        {
            errno = Errno.ENOENT;
        }
        else if (!IsPermitted)
        {
            errno = Errno.EPERM;
        }
        else
        {
            Commands.Add(command);
            BeforeCommand?.Invoke(command);
            if (Swallowed.Contains(command)) return;
            errno = isDump ? Dump(request) : Do(request);
            if (Unanswered.Contains(command)) return;
        }

        if (errno == Errno.OK && isDump) answers.Add(Bytes.Message(3, 2, sequence, Bytes.I32(0)));
        else if (errno != Errno.OK || wantsAck) answers.Add(Bytes.Message(2, 0x100, sequence, Bytes.I32(-(int)errno), message[..16].ToArray()));
    }

    Errno GetFamily(FakeRequest request)
    {
        if (!request.Attributes.TryGetValue(2, out var name) || !name.AsSpan().SequenceEqual("IPVS\0"u8) || !HasIpvs) return Errno.ENOENT;
        request.Answers.Add(Bytes.Message(16, 0, request.Sequence, [1, 2, 0, 0], Bytes.Text(2, "IPVS"), Bytes.U16(1, FamilyId), Bytes.U32(3, 1), Bytes.U32(5, 6)));
        return Errno.OK;
    }
}

sealed record FakeRequest(uint Sequence, byte Command, Dictionary<int, byte[]> Attributes, List<byte[]> Answers)
{
    public Dictionary<int, byte[]>? Nested(int type) => Attributes.TryGetValue(type, out var bytes) ? Bytes.Attributes(bytes) : null;
}

public sealed class FakeService
{
    public required VirtualService Service { get; set; }

    public TrafficStatistics Statistics { get; set; }

    /// <summary>In the order of the dump: the newest first.</summary>
    public List<ObservedServer> Servers { get; } = [];
}
