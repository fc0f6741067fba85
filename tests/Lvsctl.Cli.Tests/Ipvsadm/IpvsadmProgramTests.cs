using System.Text;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Cli.Tests.Ipvsadm;

public class IpvsadmProgramTests
{
    const string NotRoot = """
        Can't initialize ipvs: Permission denied (you must be root)
        Are you sure that IP Virtual Server is built in the kernel or as module?

        """;

    const string NoModule = """
        Can't initialize ipvs: Protocol not available
        Are you sure that IP Virtual Server is built in the kernel or as module?

        """;

    [Theory]
    [InlineData("ipvsadm -Ln")]
    [InlineData("ipvsadm -A -t 10.0.0.1:80")]
    [InlineData("ipvsadm -Lnc")]
    [InlineData("ipvsadm -S")]
    [InlineData("ipvsadm -R")]
    [InlineData("ipvsadm-save -n")]
    [InlineData("ipvsadm")]
    public void Without_the_right_or_the_module_there_is_one_clear_answer(string line)
    {
        var bench = new IpvsadmBench();
        bench.Kernel.IsPermitted = false;
        Assert.Equal(new IpvsadmBench.Result("", NotRoot, 2), bench.Run(line));

        bench = new IpvsadmBench();
        bench.Kernel.HasIpvs = false;
        Assert.Equal(new IpvsadmBench.Result("", NoModule, 2), bench.Run(line));
    }

    [Fact]
    public void Restore_complains_for_the_clearing_and_for_the_rest()
    {
        var bench = new IpvsadmBench();
        bench.Kernel.IsPermitted = false;
        Assert.Equal(new IpvsadmBench.Result("", NotRoot + NotRoot, 2), bench.RunWords(["ipvsadm-restore"], "-A -t 10.0.0.1:80\n"));
    }

    [Theory]
    [InlineData("ipvsadm -v", 0)]
    [InlineData("ipvsadm --help", 0)]
    [InlineData("ipvsadm -A -q", 255)]
    [InlineData("ipvsadm -A", 2)]
    [InlineData("ipvsadm word", 255)]
    public void Help_and_usage_errors_need_neither_right_nor_module(string line, int exitCode)
    {
        var without = new IpvsadmBench();
        without.Kernel.HasIpvs = false;
        var expected = new IpvsadmBench().Run(line);
        Assert.Equal(exitCode, expected.ExitCode);
        Assert.Equal(expected, without.Run(line));
    }

    [Theory]
    [InlineData("ipvsadm -v")]
    [InlineData("ipvsadm -Sn")]
    [InlineData("ipvsadm -Ln --json")]
    public void A_save_that_does_not_fit_on_the_disk_is_no_success(string line)
    {
        var bench = new IpvsadmBench();
        bench.Kernel.Preload(new VirtualService(ServiceKey.Marked(7)));
        using var errors = new MemoryStream();

        Assert.Equal(1, bench.Run(line.Split(' '), Stream.Null, new BrokenStream(Errno.ENOSPC), errors));
        Assert.Equal("cannot write the output: No space left on device\n", Encoding.UTF8.GetString(errors.ToArray()));
    }

    [Fact]
    public void A_reader_that_has_enough_is_no_error()
    {
        using var errors = new MemoryStream();
        Assert.Equal(0, new IpvsadmBench().Run(["ipvsadm", "-v"], Stream.Null, new BrokenStream(Errno.EPIPE), errors));
        Assert.Equal(0, errors.Length);
    }

    [Fact]
    public void Rules_that_cannot_be_read_do_not_clear_the_table()
    {
        var bench = new IpvsadmBench();
        bench.Kernel.Preload(new VirtualService(ServiceKey.Marked(7)));

        var result = bench.RunWords(["ipvsadm-restore"], new BrokenStream(Errno.EISDIR));

        Assert.Equal(255, result.ExitCode);
        Assert.Contains("cannot read the rules", result.Errors);
        Assert.Single(bench.Kernel.Services);
    }

    [Fact]
    public void An_answer_that_is_lost_is_not_called_a_missing_module()
    {
        var bench = new IpvsadmBench();
        bench.Kernel.Unanswered.Add(15);

        var result = bench.Run("ipvsadm -Ln");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("the kernel gave no answer", result.Errors);
    }

    [Fact]
    public void The_name_it_was_called_by_appears_as_it_was_written()
    {
        var bench = new IpvsadmBench();
        Assert.Equal("Try `./bin/ipvsadm -h' or './bin/ipvsadm --help' for more information.\n", bench.Run("./bin/ipvsadm word").Errors);
        Assert.Contains("\n  ./bin/ipvsadm -C\n", bench.Run("./bin/ipvsadm -h").Output, StringComparison.Ordinal);
        Assert.Equal("Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n", bench.RunWords(["./bin/ipvsadm", "-R"], "word\n").Errors);
    }

    [Fact]
    public void Called_as_lvsctl_help_ends_with_its_own_verbs()
    {
        var bench = new IpvsadmBench { OwnHelp = "lvsctl's own: …\n" };
        var own = bench.Run("lvsctl --help").Output;
        var theirs = bench.Run("ipvsadm --help").Output;
        Assert.Equal(theirs.Replace("  ipvsadm -", "  lvsctl -", StringComparison.Ordinal) + "\nlvsctl's own: …\n", own);
    }

    [Fact]
    public void A_name_is_asked_for_once_however_often_it_is_shown()
    {
        var bench = new IpvsadmBench();
        for (var port = 80; port < 90; port++)
        {
            bench.Run($"ipvsadm -A -t 10.5.0.1:{port}");
            bench.Run($"ipvsadm -a -t 10.5.0.1:{port} -r 10.5.0.2:{port}");
        }

        Assert.Contains("\n  -> www:http ", bench.Run("ipvsadm -L").Output, StringComparison.Ordinal);
        Assert.Equal(2, bench.Names.Questions);
    }

    [Fact]
    public void Names_fill_their_column_and_no_more_except_when_saved()
    {
        var bench = new IpvsadmBench();
        bench.Restore("""
            -A -t 10.5.0.1:80
            -a -t 10.5.0.1:80 -r 10.5.0.1:80
            -A -t 10.5.0.3:80
            -A -t [2001:db8:5::1]:80

            """);

        Assert.Equal("""
            IP Virtual Server version 1.2.1 (size=4096)
            Prot LocalAddress:Port Scheduler Flags
              -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
            TCP  a-very-long-host-name-indeed wlc
              -> a-very-long-host-name-indeed Route   1      0          0         
            TCP  twenty-eight-chars.example:h wlc
            TCP  [six.example.org]:http wlc

            """, bench.Run("ipvsadm -L").Output);
        Assert.StartsWith("-A -t a-very-long-host-name-indeed-it-is.example.org:http -s wlc\n", bench.Run("ipvsadm -S").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_list_of_connections_is_reported()
    {
        var bench = new IpvsadmBench { Connections = null };
        Assert.Equal(new IpvsadmBench.Result("", "cannot open file /proc/net/ip_vs_conn\n", 1), bench.Run("ipvsadm -Lc"));
        bench.Connections = "";
        Assert.Equal(new IpvsadmBench.Result("", "unexpected input from /proc/net/ip_vs_conn\n", 1), bench.Run("ipvsadm -Lc"));
    }

    [Fact]
    public void Nobody_reading_the_output_is_no_crash()
    {
        var bench = new IpvsadmBench();
        ScenarioTables.Apply("table busy", bench);
        using var input = new MemoryStream();
        using var closed = new ClosedPipe();
        Assert.Equal(0, bench.Run(["ipvsadm", "-Ln"], input, closed, closed));
        Assert.Equal(0, bench.Run(["ipvsadm", "-L", "--json"], input, closed, closed));
        Assert.Equal(2, bench.Run(["ipvsadm", "-A"], input, closed, closed));
    }

    [Fact]
    public void A_kernel_that_stops_answering_is_reported()
    {
        var bench = new IpvsadmBench();
        bench.Kernel.Swallowed.Add(4);
        var result = bench.Run("ipvsadm -Ln");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("virtual services", result.Errors, StringComparison.Ordinal);
    }

    sealed class ClosedPipe : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("Broken pipe", 32);
    }
}
