using Lvsctl.Core.Model;
using System.Net;
using System.Text;
using Lvsctl.Testing;

namespace Lvsctl.Cli.Tests.Ipvsadm;

public class RestoreTests
{
    const byte NewService = 1;
    const byte Flush = 17;

    [Fact]
    public void A_full_save_keeps_the_port_of_a_server_that_the_kernel_made_local()
    {
        var bench = new IpvsadmBench();
        bench.Kernel.Preload(new VirtualService(ServiceKey.At(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80)), default,
            new ObservedServer(new RealServer(new RealServerKey(IPAddress.Parse("127.0.0.1"), 8080)) { Forward = ForwardingMethod.Local }, 0, 0, 0, default));

        var saved = bench.Run("ipvsadm -S -n --full").Output;
        var again = new IpvsadmBench();
        again.Restore(saved);

        Assert.Equal(8080, Assert.Single(Assert.Single(again.Kernel.Services).Servers).Server.Key.Port);
    }

    [Fact]
    public void Changes_that_follow_each_other_go_to_the_kernel_together()
    {
        var bench = new IpvsadmBench();
        var input = string.Concat(Enumerable.Range(1, 100).Select(i => $"-A -t 10.0.0.{i}:80 -s rr\n-a -t 10.0.0.{i}:80 -r 10.1.0.1:80 -m\n"));

        Assert.Equal(new IpvsadmBench.Result("", "", 0), bench.Restore(input));

        Assert.Equal(100, bench.Kernel.Services.Count);
        Assert.Equal(200, bench.Kernel.Sends.Max());
    }

    [Fact]
    public void Messages_come_in_the_order_of_the_lines_whoever_they_are_from()
    {
        var result = new IpvsadmBench().Restore("""
            -D -t 10.0.0.1:80
            -A --bogus
            -a -t 10.0.0.1:80 -r 10.1.0.1:80
            -A -t 10.0.0.1:80 -s nosuch
            -A -t 10.0.0.1:bogus

            """);

        Assert.Equal("""
            No such service
            --bogus: unknown option
            Service not defined
            Scheduler or persistence engine not found
            illegal virtual server address[:port] specified

            """, result.Errors);
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public void What_has_been_sent_is_done_before_more_is_waited_for()
    {
        var bench = new IpvsadmBench();
        var seen = new List<int>();
        using var input = new SlowInput(["-A -t 10.0.0.1:80\n-A -t 10.0.0.2:80\n-A -t ", "10.0.0.3:80\n", ""], () => seen.Add(bench.Kernel.Services.Count));

        Assert.Equal(0, bench.RunWords(["ipvsadm", "-R"], input).ExitCode);

        Assert.Equal([0, 2, 3], seen);
    }

    [Fact]
    public void The_table_is_cleared_in_the_same_send_as_its_new_content_once_all_of_the_input_is_there()
    {
        var bench = new IpvsadmBench();
        bench.Run("ipvsadm -A -t 10.0.0.9:80");
        var before = bench.Kernel.Sends.Count;
        var left = -1;
        using var input = new SlowInput(["-A -t 10.0.0.1:80\n", "-A -t 10.0.0.2:80\n", ""], () => left = bench.Kernel.Services.Count);

        Assert.Equal(0, bench.RunWords(["/sbin/ipvsadm-restore"], input).ExitCode);

        Assert.Equal(1, left);
        Assert.Equal(3, bench.Kernel.Sends.Skip(before).Max());
        Assert.Equal([Flush, NewService, NewService], bench.Kernel.Commands.TakeLast(3));
    }

    [Theory]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(200_000)]
    public void A_long_word_is_cut_at_4096_bytes(int length)
    {
        var result = new IpvsadmBench().Restore($"-A {new string('x', length)}\n");
        Assert.Equal($"unexpected argument {new string('x', Math.Min(length, 4096))}\n", result.Errors);
    }

    [Fact]
    public void A_word_ends_at_a_null_byte()
    {
        var result = new IpvsadmBench().Restore("-A -t 10.0.0.1:80\0-s rr\n");
        Assert.Equal("unexpected argument rr\n", result.Errors);
    }

    [Fact]
    public void Lines_longer_than_the_buffer_are_read()
    {
        var bench = new IpvsadmBench();
        var blanks = new string(' ', 300_000);
        Assert.Equal(0, bench.Restore($"-A{blanks}-t 10.0.0.1:80{blanks}\n-A -t 10.0.0.2:80").ExitCode);
        Assert.Equal(2, bench.Kernel.Services.Count);
    }

    [Fact]
    public void A_full_save_restores_to_the_same_table()
    {
        var one = new IpvsadmBench();
        foreach (var name in (string[])["services", "servers", "tunnels"])
        {
            foreach (var step in CommandScenario.Load("ipvsadm", name).Steps.Where(s => !s.Words.Contains("-C"))) one.RunWords(step.Words);
        }
        one.Run("ipvsadm -A -t 10.0.0.1:80 -s sh -b flag-3,flag-1");
        one.Run("ipvsadm -A -t 10.0.0.1:81 -M 255.255.0.0");
        one.Run("ipvsadm -A -f 4294967295 -6 -p -M 60");
        one.Run("ipvsadm --set 800 110 200");
        var saved = one.Run("ipvsadm -S -n --full").Output;
        Assert.True(one.Kernel.Services.Count > 40);

        var other = new IpvsadmBench();
        Assert.Equal(new IpvsadmBench.Result("", "", 0), other.Restore(saved));

        Assert.Equal(saved, other.Run("ipvsadm -S -n --full").Output);
        Assert.Equal(one.Run("ipvsadm -L --json").Output, other.Run("ipvsadm -L --json").Output);
        Assert.Equal(one.Kernel.Timeouts, other.Kernel.Timeouts);
    }

    [Fact]
    public void A_full_save_has_the_sync_daemons_too()
    {
        var one = new IpvsadmBench();
        one.Run("ipvsadm --start-daemon master --mcast-interface lo --syncid 3 --mcast-ttl 9 --mcast-group 239.0.0.9 --sync-maxlen 999 --mcast-port 1234");
        one.Run("ipvsadm --start-daemon backup --mcast-interface lo");
        var other = new IpvsadmBench();

        Assert.Equal(0, other.Restore(one.Run("ipvsadm -S --full").Output).ExitCode);

        Assert.Equal(one.Kernel.Daemons, other.Kernel.Daemons);
    }

    // Gives one part for each read, as a terminal or a slow pipe does.
    sealed class SlowInput(IEnumerable<string> parts, Action beforeEach) : MemoryStream
    {
        readonly Queue<string> _parts = new(parts);

        public override int Read(byte[] buffer, int offset, int count)
        {
            beforeEach();
            return Encoding.UTF8.GetBytes(_parts.Dequeue(), buffer.AsSpan(offset, count));
        }

        public override void CopyTo(Stream destination, int bufferSize)
        {
            var buffer = new byte[100];
            for (var count = Read(buffer, 0, 100); count != 0; count = Read(buffer, 0, 100)) destination.Write(buffer, 0, count);
        }
    }
}
