using Lvsctl.Cli.Commands;

namespace Lvsctl.Cli.Tests.Commands;

public class InvocationTests
{
    [Theory]
    [InlineData("lvsctl", "")]
    [InlineData("lvsctl", "-Ln")]
    [InlineData("lvsctl", "-A -t 10.0.0.1:80")]
    [InlineData("lvsctl", "--help")]
    [InlineData("lvsctl", "--list")]
    [InlineData("ipvsadm", "")]
    [InlineData("/usr/sbin/ipvsadm", "-Ln")]
    [InlineData("./ipvsadm", "status")]
    [InlineData("/usr/sbin/ipvsadm-save", "")]
    [InlineData("ipvsadm-restore", "nonsense")]
    public void Options_and_the_names_of_ipvsadm_mean_its_command_line(string calledAs, string args) => Assert.True(IsIpvsadmStyle(calledAs, args));

    [Theory]
    [InlineData("lvsctl", "status")]
    [InlineData("/opt/lvsctl", "realserver --help")]
    [InlineData("lvsctl", "help")]
    [InlineData("lvsctl", "nonsense -A")]
    [InlineData("dotnet", "status")]
    [InlineData("/usr/sbin/ipvsadm/lvsctl", "status")]
    public void A_word_means_a_verb(string calledAs, string args) => Assert.False(IsIpvsadmStyle(calledAs, args));

    static bool IsIpvsadmStyle(string calledAs, string args) =>
        Invocation.IsIpvsadmStyle(calledAs, args.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
