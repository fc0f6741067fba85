using System.Diagnostics;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Running;

/// <summary>
/// Debian's systemd with the unit of examples/systemd and nothing else, as the first process of a container: with files, processes and control
/// groups of its own, and the calling thread's network.
/// </summary>
sealed class SystemdMachine : IDisposable
{
    const string Boot = """
        set -e
        mount -t proc proc /proc
        mount -t cgroup2 cgroup /sys/fs/cgroup
        umount -l /run    # two on top of each other confuse systemd
        for place in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 mine $place; done
        mkdir -p /etc/lvsctl
        mount --bind "$0/etc" /etc/lvsctl
        touch /usr/local/sbin/lvsctl
        mount --bind "$1" /usr/local/sbin/lvsctl
        exec env -i container=lab PATH=/usr/sbin:/usr/bin SYSTEMD_UNIT_PATH="$0/units" /lib/systemd/systemd --unit=basic.target --log-target=console
        """;

    public const string Director = "lvsctl";
    public const string Vrrp = "lvsctl-vrrp";

    static readonly string s_examples = Path.Combine(Repository.Root, "examples", "systemd");

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-systemd-").FullName;
    readonly Process _outside;
    readonly int _first;

    /// <param name="parts">Of the directory of examples: <c>exec</c> for exec.conf; for the director.</param>
    /// <param name="more">What else stands in the unit's [Service], a line each.</param>
    public SystemdMachine(string[] parts, params string[] more)
    {
        Assert.True(File.Exists("/lib/systemd/systemd"), "this test needs systemd: scripts/setup systemd");
        var units = Path.Combine(_folder, "units");
        Directory.CreateDirectory(units);
        Directory.CreateDirectory(Path.Combine(_folder, "etc"));
        foreach (var target in (string[])["basic", "sysinit", "shutdown"]) File.WriteAllText(Path.Combine(units, $"{target}.target"), "[Unit]\nDefaultDependencies=no\n");
        foreach (var unit in (string[])[Director, Vrrp])
        {
            var besides = Path.Combine(units, $"{unit}.service.d");
            Directory.CreateDirectory(besides);
            File.Copy(Path.Combine(s_examples, $"{unit}.service"), Path.Combine(units, $"{unit}.service"));
            foreach (var part in unit == Director ? parts : []) File.Copy(Path.Combine(s_examples, $"{part}.conf"), Path.Combine(besides, $"{part}.conf"));
            // There is no journal.
            File.WriteAllLines(Path.Combine(besides, "test.conf"), ["[Service]", $"StandardError=append:{_folder}/log", .. more]);
        }
        // What it says, an empty disk for instance, is the test's own output.
        _outside = Process.Start("unshare", ["--pid", "--mount", "--cgroup", "--fork", "--kill-child", "bash", "-c", Boot, _folder, Lab.Program.Path]);
        _first = Until(() => int.TryParse(Children(_outside.Id), out var number) ? number : 0, number => number > 0);
        Until(() => Systemctl("is-active", "basic.target").Output, output => output == "active\n");
    }

    public string Log => File.Exists($"{_folder}/log") ? File.ReadAllText($"{_folder}/log") : "";

    public void Write(string manifest) => File.WriteAllText($"{_folder}/etc/cluster.yaml", manifest);

    public Command.Result Systemctl(params string[] arguments) => Inside("systemctl", ["--no-pager", .. arguments]);

    public Command.Result Lvsctl(params string[] arguments) => Inside("/usr/local/sbin/lvsctl", arguments);

    /// <summary>What systemd knows of the unit.</summary>
    public string Show(string property, string unit = Director) => Systemctl("show", "--value", "-p", property, $"{unit}.service").Output.TrimEnd();

    public void Wait(string property, string value, string unit = Director) => Until(() => Show(property, unit), now => now == value);

    public void Wait(string property, Predicate<string> isSo, string unit) => Until(() => Show(property, unit), isSo);

    /// <summary>Until the director has said this.</summary>
    public void Wait(string words) => Until(() => Log, log => log.Contains(words, StringComparison.Ordinal));

    /// <summary>To the unit's own process.</summary>
    public void Signal(string name, string unit = Director) => Assert.Equal(0, Inside("kill", $"-{name}", Show("MainPID", unit)).ExitCode);

    /// <summary>/proc/PID/status of the unit's own process.</summary>
    public string[] Status(string unit = Director) => Inside("cat", $"/proc/{Show("MainPID", unit)}/status").Output.Split('\n');

    /// <summary>Runs a program with the disk as the director has it, and root's privileges.</summary>
    public Command.Result InItsPlace(params string[] command) => Inside("nsenter", ["-t", Show("MainPID"), "-m", .. command]);

    public void Dispose()
    {
        _outside.Kill();
        _outside.WaitForExit();
        _outside.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    Command.Result Inside(string program, params string[] arguments) => Command.Run("nsenter", ["-t", $"{_first}", "-m", "-p", program, .. arguments]);

    static string Children(int process) => File.ReadAllText($"/proc/{process}/task/{process}/children");

    static T Until<T>(Func<T> ask, Predicate<T> isGood)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = ask();
            if (isGood(answer)) return answer;
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1), $"the last answer was: {answer}");
            Thread.Sleep(100);
        }
    }
}
