using Lvsctl.Cli.Commands;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Preparation;

/// <summary>What a preparation is for: a neighbour that asks for the virtual address gets no answer from the real server.</summary>
[Collection(TunnelDevices.Name)]
public sealed class SilenceTests : IDisposable
{
    readonly string _stateDirectory = Directory.CreateTempSubdirectory("lvsctl-silence-").FullName;

    public void Dispose() => Directory.Delete(_stateDirectory, recursive: true);

    void Lvsctl(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = LvsctlCommand.Run(["realserver", .. args, "--state-dir", _stateDirectory], output, error, Workplace.ThisHost with { OpenKernel = () => throw new InvalidOperationException("no verb for IPVS") });
        Assert.True(code == 0, output.ToString() + error);
    }

    static void Sh(string script) => Command.MustRun("sh", "-euc", script);

    /// <summary>Whether a neighbour on the same wire learns a hardware address for it.</summary>
    static bool IsAnswered(string vip)
    {
        // One question is enough on a wire that loses nothing.
        var family = vip.Contains(':') ? "-6" : "-4";
        Command.Run("nsenter", "--net=/run/netns/neighbour", "sh", "-c", $"ip {family} neigh flush dev wire1; busybox ping {family} -c 1 -W 1 {vip}");
        return Command.MustRun("ip", "-n", "neighbour", family, "neigh", "show", vip).Contains("lladdr");
    }

    [Theory]
    [InlineData("dr")]
    [InlineData("tun")]
    public void Arp_for_an_IPv4_address_is_not_answered_while_it_is_prepared(string forward) => OnAWire(() =>
    {
        Sh("modprobe ipip; ip addr add 10.0.0.200/32 dev lo");
        Assert.True(IsAnswered("10.0.0.200"), "without any preparation the kernel answers for an address on lo");
        Sh("ip addr del 10.0.0.200/32 dev lo");

        Lvsctl("prepare", "--vip", "10.0.0.200", "--forward", forward);
        Assert.False(IsAnswered("10.0.0.200"));
        Assert.True(IsAnswered("10.0.0.1"), "the host's own address is still answered");
    });

    [Theory]
    [InlineData("dr")]
    [InlineData("tun")]
    public void Neighbour_solicitations_for_an_IPv6_address_are_not_answered(string forward) => OnAWire(() =>
    {
        Sh("modprobe ip6_tunnel");
        Lvsctl("prepare", "--vip", "fd00::200", "--forward", forward);
        Assert.False(IsAnswered("fd00::200"));
        Assert.True(IsAnswered("fd00::1"), "the host's own address is still answered");
    });

    static void OnAWire(Action test) => NetworkNamespace.Run(() =>
    {
        Sh("""
            ip netns add neighbour
            ip link add wire0 type veth peer name wire1 netns neighbour
            ip addr add 10.0.0.1/24 dev wire0
            ip addr add fd00::1/64 dev wire0 nodad
            ip link set wire0 up
            ip -n neighbour addr add 10.0.0.2/24 dev wire1
            ip -n neighbour addr add fd00::2/64 dev wire1 nodad
            ip -n neighbour link set wire1 up
            """);
        try
        {
            test();
        }
        finally
        {
            Sh("ip netns del neighbour");
        }
    });
}
