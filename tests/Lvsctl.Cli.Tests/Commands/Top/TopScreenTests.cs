using System.Text;
using Lvsctl.Cli.Commands.Top;
using Lvsctl.Director.Status;

namespace Lvsctl.Cli.Tests.Commands.Top;

public class TopScreenTests
{
    static readonly StatusDocument s_document = new("1.2.1", 4096,
    [
        Service("web", "tcp 10.0.0.1:80", Server("rs1", "10.1.0.1", 5, health: "up", rate: 1500), Server("rs2", "10.1.0.2", 90, health: "up", rate: 3), Server("rs3", "10.1.0.3", null, health: "down", because: "down since \e[2J12:00")),
        Service("mail", "tcp 10.0.0.1:25", Server("mx1", "10.2.0.1", 40, rate: 7)),
    ], [], null);

    static StatusService Service(string name, string key, params StatusServer[] servers) => new(name, true, null)
    {
        Family = "ipv4", Scheduler = "rr", SchedulerFlags = [], Servers = servers, Key = key, Origin = StatusOrigin.Manifest,
        Rates = new((ulong)servers.Sum(s => (long)(s.Rates?.ConnectionsPerSecond ?? 0)), 0, 0, 0, 0),
    };

    static StatusServer Server(string name, string address, uint? active, string? health = null, ulong rate = 0, string? because = null) => new(name, active is not null, active is null ? null : 1, because, null, null)
    {
        Family = "ipv4", Address = address, Port = 80, Forward = "nat", Weight = active is null ? null : 1, ActiveConnections = active, InactiveConnections = active is null ? null : 0u, Health = health,
        Rates = active is null ? null : new(rate, 0, 0, rate * 100, 0),
    };

    static string Screen(TopState state, int width = 120, int height = 12, bool colour = false) => string.Join('\n', TopScreen.Lines(state, s_document, width, height, "12:00:00Z", colour));

    static TopState Press(string keys, TopState? state = null)
    {
        state ??= new();
        foreach (var key in TopKey.Read(Encoding.UTF8.GetBytes(keys))) state = state.Press(key, TopRow.Of(s_document, state), 8);
        return state;
    }

    static string Names(TopState state) => string.Join(' ', TopRow.Of(s_document, state).Select(r => r.Name));

    [Fact]
    public void It_shows_services_and_servers_with_all_that_moves() => Assert.Equal("""
        lvsctl top  12:00:00Z  2 services, 4 servers, 3 serving, 1 down; 135 active, 1.5K conn/s, in 0 B/s, out 0 B/s
        no director is asked: the kernel's table, and what the last check left
          NAMEv      STATE    WEIGHT KERNEL   ACTIVE INACTIVE  CONN/S  IN B/S OUT B/S NOTE
        > web        degraded                     95        0    1.5K       0       0
            rs1      up            1      1        5        0    1.5K  150.0K       0
            rs2      up            1      1       90        0       3     300       0
            rs3      down        out      -        0        0       -       -       - down since  [2J12:00
        - mail       up                           40        0       7       0       0
            mx1      -             1      1       40        0       7     700       0


        q quit  ? help  sort name
        """.Replace("\n        ", "\n").Replace("> web", "> web"), Screen(new TopState()).Replace(" \n", "\n"));

    [Theory]
    [InlineData("c", "web rs2 rs1 rs3 mail mx1")]
    [InlineData("ci", "mail mx1 web rs3 rs1 rs2")]
    [InlineData("r", "web rs1 rs2 rs3 mail mx1")]
    [InlineData("b", "web rs1 rs2 rs3 mail mx1")]
    [InlineData("s", "web rs3 rs1 rs2 mail mx1")]
    [InlineData("i", "mail mx1 web rs3 rs2 rs1")]
    [InlineData("sn", "web rs1 rs2 rs3 mail mx1")]
    [InlineData("/mx\r", "mail mx1")]
    [InlineData("/10.1.0.2\r", "web rs2")]
    [InlineData("/mail\r", "mail mx1")]
    [InlineData("/zz\x7f\x7f\r", "web rs1 rs2 rs3 mail mx1")]
    [InlineData("/mx\e", "web rs1 rs2 rs3 mail mx1")]
    [InlineData("\r", "web mail mx1")]
    [InlineData("\r\r", "web rs1 rs2 rs3 mail mx1")]
    [InlineData("-", "web mail")]
    [InlineData("-+", "web rs1 rs2 rs3 mail mx1")]
    [InlineData("\e[F ", "web rs1 rs2 rs3 mail")]
    public void Keys_choose_what_is_shown_and_in_which_order(string keys, string names) => Assert.Equal(names, Names(Press(keys)));

    [Theory]
    [InlineData("\e[B", "tcp 10.0.0.1:80 10.1.0.1:80")]
    [InlineData("jjk", "tcp 10.0.0.1:80 10.1.0.1:80")]
    [InlineData("\e[A", "tcp 10.0.0.1:80")]
    [InlineData("\e[F", "tcp 10.0.0.1:25 10.2.0.1:80")]
    [InlineData("\eOF\e[H", "tcp 10.0.0.1:80")]
    [InlineData("\e[6~\e[5~", "tcp 10.0.0.1:80")]
    public void The_cursor_stays_within_the_rows(string keys, string selected) => Assert.Equal(selected, Press(keys).Selected);

    [Fact]
    public void Quitting_pausing_and_help()
    {
        Assert.True(Press("q").IsDone);
        Assert.False(Press("/q").IsDone);
        Assert.Contains("PAUSED", Screen(Press("p")));
        Assert.Contains("any key goes back", Screen(Press("?"), height: 20));
        Assert.DoesNotContain("any key goes back", Screen(Press("?x"), height: 20));
        Assert.Contains("filter: we_", Screen(Press("/we")));
        Assert.Contains("nothing has 'zz'", Screen(Press("/zz\r")));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(20, 4)]
    [InlineData(79, 7)]
    [InlineData(300, 60)]
    public void No_screen_is_too_small_and_no_line_too_long(int width, int height)
    {
        foreach (var state in new[] { new TopState(), Press("?"), Press("/zz"), Press("\e[F") })
        {
            var lines = TopScreen.Lines(state, s_document, width, height, "12:00:00Z", colour: false);
            Assert.True(lines.Count <= height);
            Assert.All(lines, line => Assert.True(line.Length <= width && !line.Any(char.IsControl), line));
        }
    }

    [Fact]
    public void The_selected_row_is_always_on_the_screen()
    {
        Assert.Contains("> ", Screen(new TopState(), height: 6));
        Assert.Contains(">   mx1", Screen(Press("\e[F"), height: 6));
        Assert.DoesNotContain("rs1 ", Screen(Press("\e[F"), height: 6));
    }

    [Fact]
    public void Colours_say_who_is_sick() => Assert.Contains("\e[31m    rs3", Screen(new TopState(), colour: true));

    [Fact]
    public void Halves_of_sequences_and_strange_ones_are_no_keys() => Assert.Equal([new(TopKeyKind.Character, 'x')], TopKey.Read("\e[1;5Dx\e[99~\e["u8));
}
