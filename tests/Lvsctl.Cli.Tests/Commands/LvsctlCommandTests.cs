using Lvsctl.Cli.Commands;
using Lvsctl.Director.Control;

namespace Lvsctl.Cli.Tests.Commands;

public class LvsctlCommandTests
{
    [Fact]
    public void The_exit_codes_are_those_that_operators_rely_on() => Assert.Equal(
        [
            (0, "Done"), (1, "Failed"), (2, "Usage"), (3, "ManifestInvalid"), (4, "ChangesPending"), (5, "RefusedByGate"), (6, "AppliedInPart"),
            (7, "KernelOrPermission"), (8, "Locked"), (9, "DeadlinePassed"), (10, "RolledBack"),
        ], Enum.GetValues<ExitCode>().Select(c => ((int)c, c.ToString())));

    [Theory]
    [InlineData("nonsense", "there is no verb 'nonsense'; see 'lvsctl help'", "lvsctl")]
    [InlineData("status --nonsense", "'--nonsense'", "lvsctl status")]
    [InlineData("realserver", "command", "lvsctl realserver")]
    [InlineData("realserver prepare --forward dr", "'--vip'", "lvsctl realserver prepare")]
    [InlineData("realserver prepare --vip 10.0.0.1", "'--forward'", "lvsctl realserver prepare")]
    [InlineData("realserver prepare --vip", "'--vip'", "lvsctl realserver prepare")]
    [InlineData("realserver prepare --vip 127.0.0.1 --forward dr", "127.0.0.1 cannot be a virtual address: 127.0.0.0/8 is loopback", "lvsctl realserver prepare")]
    [InlineData("realserver prepare --vip 10.0.0 --forward dr", "'10.0.0' is no IP address", "lvsctl realserver prepare")]
    [InlineData("realserver prepare --vip ff02::1 --forward dr", "multicast", "lvsctl realserver prepare")]
    [InlineData("realserver prepare --vip 10.0.0.1 --forward nat", "in NAT mode a real server needs no preparation", "lvsctl realserver prepare")]
    [InlineData("realserver prepare --vip 10.0.0.1 --forward gre", "dr or tun, not 'gre'", "lvsctl realserver prepare")]
    [InlineData("realserver undo", "undo needs either --vip or --all", "lvsctl realserver undo")]
    [InlineData("realserver undo --all --vip 10.0.0.1", "undo needs either --vip or --all", "lvsctl realserver undo")]
    [InlineData("help nonsense", "no verb 'nonsense'", "lvsctl help")]
    public void A_wrong_command_line_says_what_is_wrong_and_where_help_is(string args, string problem, string help)
    {
        var run = VerbRun.Of(args);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(problem, run.Error);
        Assert.Contains($"see '{help}", run.Error);
        Assert.All(run.Error.TrimEnd().Split('\n'), line => Assert.StartsWith("lvsctl: ", line));
    }

    [Theory]
    [InlineData("help", "realserver")]
    [InlineData("help realserver", "prepare")]
    [InlineData("help realserver prepare", "--state-dir")]
    [InlineData("realserver prepare --help", "--state-dir")]
    [InlineData("realserver --help", "undo")]
    [InlineData("status -h", "--json")]
    public void Help_names_what_there_is(string args, string word)
    {
        var run = VerbRun.Of(args);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains(word, run.Output);
        Assert.Contains("  lvsctl ", run.Output);
    }

    [Fact]
    public void The_overview_for_ipvsadm_help_names_every_verb()
    {
        var listed = VerbRun.Of("help").Output.Split("Commands:")[1].Split('\n').Where(line => line.StartsWith("  ") && line[2] != ' ').ToList();
        Assert.True(listed.Count > 10);
        Assert.All(listed, line => Assert.Contains($"  lvsctl {line.Trim().Split(' ')[0]} ", OwnVerbs.Overview));
    }

    [Fact]
    public void Version_is_one_line() => Assert.Matches(@"^lvsctl \d+\.\d+\.\d+ \(.+\)\n$", VerbRun.Of("version").Output);
}
