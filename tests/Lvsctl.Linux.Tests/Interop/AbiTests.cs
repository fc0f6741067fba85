using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Linux.Tests.Interop;

/// <summary>Every constant and struct that lvsctl declares for itself, held against the C headers by the C compiler.</summary>
public class AbiTests
{
    const string Headers = """
        #define _GNU_SOURCE
        #include <stddef.h>
        #include <errno.h>
        #include <poll.h>
        #include <sched.h>
        #include <netdb.h>
        #include <netinet/in.h>
        #include <sys/types.h>
        #include <sys/socket.h>
        #include <sys/eventfd.h>
        #include <sys/epoll.h>
        #include <sys/mman.h>
        #include <sys/resource.h>
        #include <sys/wait.h>
        #include <sys/prctl.h>
        #include <sys/syscall.h>
        #include <signal.h>
        #include <spawn.h>
        #include <termios.h>
        #include <sys/ioctl.h>
        #include <pwd.h>
        #include <grp.h>
        #include <netinet/tcp.h>
        #include <sys/stat.h>
        #include <fcntl.h>
        #include <unistd.h>
        #include <linux/netlink.h>
        #include <linux/genetlink.h>
        #include <linux/rtnetlink.h>
        #include <linux/if.h>
        #include <linux/if_addr.h>
        #include <linux/if_link.h>
        #include <linux/if_arp.h>
        #include <linux/if_packet.h>
        #include <sys/mman.h>
        #include <linux/ip_vs.h>
        """;

    [Fact]
    public void Constants_and_structs_are_those_of_the_headers()
    {
        var compiler = new[] { "/usr/bin/cc", "/usr/bin/gcc", "/usr/bin/clang" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(compiler is null, "no C compiler: scripts/setup installs one");
        var assertions = ConstantAssertions().Concat(ErrnoAssertions()).Concat(EnumAssertions()).Concat(StructAssertions()).ToList();
        // A reflection that finds nothing would prove nothing.
        Assert.True(assertions.Count > 200, $"only {assertions.Count} assertions");

        var errors = Compile(compiler!, string.Join('\n', [Headers, .. assertions]));

        Assert.Equal("", errors);
    }

    [Fact]
    public void The_proof_can_fail()
    {
        Assert.SkipWhen(!File.Exists("/usr/bin/cc"), "no C compiler: scripts/setup installs one");

        Assert.Contains("IPVS_CMD_ZERO", Compile("/usr/bin/cc", Headers + "\n_Static_assert(IPVS_CMD_ZERO == 17, \"IPVS_CMD_ZERO\");"));
    }

    static IEnumerable<Type> LinuxTypes => typeof(IpvsClient).Assembly.GetTypes();

    static IEnumerable<string> ConstantAssertions() =>
        from type in LinuxTypes
        where type.Name == "LibC" || type.Name.EndsWith("Constants", StringComparison.Ordinal)
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where field.IsLiteral && field.FieldType != typeof(string)
        let ctype = CType(field.FieldType)
        select $"_Static_assert(({ctype})({field.Name}) == ({ctype})({field.GetRawConstantValue()}LL), \"{field.Name}\");";

    // Held against the header in the width it has here: NLA_TYPE_MASK is an int there and a u16 on the wire.
    static string CType(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => "unsigned char",
        TypeCode.UInt16 => "unsigned short",
        TypeCode.Int16 => "short",
        _ => "unsigned long long",
    };

    static IEnumerable<string> ErrnoAssertions() =>
        from errno in Enum.GetValues<Errno>()
        where errno != Errno.OK
        select $"_Static_assert({errno} == {(int)errno}, \"{errno}\");";

    /// <summary>Enums of Core whose numbers go to the kernel as they are.</summary>
    static IEnumerable<string> EnumAssertions() =>
        from pair in new (string Header, long Ours)[]
        {
            ("AF_INET", (long)IpFamily.IPv4), ("AF_INET6", (long)IpFamily.IPv6),
            ("IPPROTO_TCP", (long)TransportProtocol.Tcp), ("IPPROTO_UDP", (long)TransportProtocol.Udp), ("IPPROTO_SCTP", (long)TransportProtocol.Sctp),
            ("IP_VS_CONN_F_MASQ", (long)ForwardingMethod.Nat), ("IP_VS_CONN_F_LOCALNODE", (long)ForwardingMethod.Local), ("IP_VS_CONN_F_TUNNEL", (long)ForwardingMethod.Tunnel),
            ("IP_VS_CONN_F_DROUTE", (long)ForwardingMethod.DirectRouting), ("IP_VS_CONN_F_BYPASS", (long)ForwardingMethod.Bypass),
            ("IP_VS_CONN_F_TUNNEL_TYPE_IPIP", (long)TunnelType.Ipip), ("IP_VS_CONN_F_TUNNEL_TYPE_GUE", (long)TunnelType.Gue), ("IP_VS_CONN_F_TUNNEL_TYPE_GRE", (long)TunnelType.Gre),
            ("IP_VS_TUNNEL_ENCAP_FLAG_CSUM", (long)TunnelChecksum.Checksum), ("IP_VS_TUNNEL_ENCAP_FLAG_REMCSUM", (long)TunnelChecksum.RemoteChecksum),
            ("IP_VS_SVC_F_PERSISTENT", (long)ServiceFlags.Persistent), ("IP_VS_SVC_F_HASHED", (long)ServiceFlags.Hashed), ("IP_VS_SVC_F_ONEPACKET", (long)ServiceFlags.OnePacket),
            ("IP_VS_SVC_F_SCHED1", (long)ServiceFlags.Scheduler1), ("IP_VS_SVC_F_SCHED2", (long)ServiceFlags.Scheduler2), ("IP_VS_SVC_F_SCHED3", (long)ServiceFlags.Scheduler3),
            ("IP_VS_STATE_MASTER", (long)SyncState.Master), ("IP_VS_STATE_BACKUP", (long)SyncState.Backup),
        }
        select $"_Static_assert({pair.Header} == {pair.Ours}, \"{pair.Header}\");";

    static IEnumerable<string> StructAssertions()
    {
        foreach (var type in LinuxTypes.Where(t => t is { IsValueType: true, DeclaringType.Name: "LibC" }))
        {
            yield return $"_Static_assert(sizeof(struct {type.Name}) == {Marshal.SizeOf(type)}, \"sizeof {type.Name}\");";
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public))
                yield return $"_Static_assert(offsetof(struct {type.Name}, {field.Name}) == {Marshal.OffsetOf(type, field.Name)}, \"{type.Name}.{field.Name}\");";
        }
    }

    static string Compile(string compiler, string source)
    {
        var start = new ProcessStartInfo(compiler, ["-x", "c", "-std=gnu11", "-fsyntax-only", "-w", "-"])
        {
            RedirectStandardInput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(source);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return errors;
    }
}
