using System.Globalization;
using System.Runtime.CompilerServices;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;

namespace Lvsctl.Cli.Tests.Commands;

/// <summary>The unit of examples/systemd and the program know the same places and numbers.</summary>
public class UnitFileTests
{
    static readonly ILookup<string, string> s_unit = Unit().ToLookup(l => l.Key, l => l.Value);

    [Fact]
    public void The_units_directories_are_those_that_a_manifest_means_by_default()
    {
        Assert.Equal(DaemonSpec.DefaultStateDirectory, $"/var/lib/{s_unit["StateDirectory"].Single()}");
        Assert.Equal(Path.GetDirectoryName(ControlSpec.DefaultSocket), $"/run/{s_unit["RuntimeDirectory"].Single()}");
    }

    [Fact]
    public void Descriptors_are_enough_for_all_probes_at_once() =>
        Assert.True(int.Parse(s_unit["LimitNOFILE"].Single(), CultureInfo.InvariantCulture) > 2 * DaemonSpec.DefaultMaxProbes);

    [Fact]
    public void What_does_not_mend_itself_is_not_tried_again() =>
        Assert.Equal($"{(int)ExitCode.Usage} {(int)ExitCode.ManifestInvalid}", s_unit["RestartPreventExitStatus"].Single());

    // Whatever a manifest can set has to lie where the sandbox lets it be written.
    [Fact]
    public void Every_setting_can_be_written_in_the_sandbox() =>
        Assert.All(KernelSetting.All, s => Assert.StartsWith($"{s_unit["ReadWritePaths"].Single()}/", $"/proc/sys/{s.Sysctl.Replace('.', '/')}"));

    static IEnumerable<(string Key, string Value)> Unit([CallerFilePath] string here = "") =>
        File.ReadLines(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../examples/systemd/lvsctl.service")))
            .Where(l => l.Contains('=') && !l.StartsWith('#'))
            .Select(l => (l[..l.IndexOf('=')], l[(l.IndexOf('=') + 1)..]));
}
