using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Parity;

/// <summary>Who may not speak to IPVS is told so in the same words as ipvsadm's, and by exit code 7 where lvsctl speaks for itself.</summary>
public class RightsTests
{
    static readonly string[] Nobody = ["setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"];
    static readonly string[] UserNamespace = ["unshare", "-Urn"];

    public static TheoryData<string, string[]> Callers => new()
    {
        { "an ordinary user", Nobody },
        { "root of a user namespace", UserNamespace },
    };

    [Theory]
    [MemberData(nameof(Callers))]
    public void Without_the_right_the_answer_is_ipvsadms(string who, string[] become)
    {
        foreach (var arguments in new string[][] { ["-Ln"], ["-A", "-t", "10.0.0.1:80"], ["-C"], ["-S"] })
        {
            var theirs = Command.Run(become[0], [.. become[1..], "/usr/sbin/ipvsadm", .. arguments]);
            var ours = Command.Run(become[0], [.. become[1..], Lab.Program.Path, .. arguments]);
            Assert.True(theirs == ours, $"{who}, {string.Join(' ', arguments)}: ipvsadm {theirs}lvsctl {ours}");
            Assert.Equal(2, ours.ExitCode);
        }
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public void Without_the_right_a_verb_says_so_in_one_line_and_exits_with_7(string who, string[] become)
    {
        var plain = Command.Run(become[0], [.. become[1..], Lab.Program.Path, "status"]);
        Assert.True(plain.ExitCode == 7, $"{who}: {plain}");
        Assert.Matches("^lvsctl: cannot use IPVS: .*CAP_NET_ADMIN.*\n$", plain.Error);
    }

    [Theory]
    [InlineData("-v")]
    [InlineData("-h")]
    [InlineData("-A", "-q")]
    public void Help_and_usage_errors_need_no_right(params string[] arguments)
    {
        var asRoot = Command.Run("/usr/sbin/ipvsadm", arguments);
        var ours = Command.Run(Nobody[0], [.. Nobody[1..], Lab.Program.Path, .. arguments]);
        Assert.Equal(asRoot.ExitCode, ours.ExitCode);
    }
}
