using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Director.Tests.Vrrp;

public sealed class DirectorHealthTests : IDisposable
{
    readonly string _proc = Directory.CreateTempSubdirectory("lvsctl-proc-").FullName;
    InfoDocument? _info;

    public void Dispose() => Directory.Delete(_proc, recursive: true);

    bool? Look(DirectorHealth health, params DirectorTrouble[] troubles) => health.Look(ValueList.Of<DirectorTrouble>(troubles));

    DirectorHealth Health => new(() => _info, _proc);

    void Says(bool? quorum, double late) => _info = new("", 1, default, [], "", default, "") { AnyQuorum = quorum, ProbesLate = late };

    [Theory]
    [InlineData(100_000, 2_900, false)]
    [InlineData(100_000, 3_100, true)]
    public void Memory_is_exhausted_when_next_to_nothing_can_be_had(int total, int available, bool isWell)
    {
        File.WriteAllText($"{_proc}/meminfo", $"MemTotal:       {total} kB\nMemFree:            10 kB\nMemAvailable:    {available} kB\n");
        Assert.Equal(isWell, Look(Health, DirectorTrouble.Memory));
    }

    [Theory]
    [InlineData("some avg10=0.00 avg60=97.20 avg300=20.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", false)]
    [InlineData("some avg10=99.00 avg60=60.00 avg300=20.00 total=1\n", true)]
    [InlineData("", true)]
    public void The_processors_are_exhausted_when_somebody_waited_for_them_the_whole_minute(string pressure, bool isWell)
    {
        Directory.CreateDirectory($"{_proc}/pressure");
        File.WriteAllText($"{_proc}/pressure/cpu", pressure);
        Assert.Equal(isWell, Look(Health, DirectorTrouble.Cpu));
    }

    [Fact]
    public void A_kernel_that_does_not_tell_is_no_trouble() => Assert.True(Look(Health, DirectorTrouble.Cpu, DirectorTrouble.Memory));

    [Theory]
    [InlineData(false, 0, false, true)]
    [InlineData(true, 0, true, true)]
    [InlineData(null, 0.9, true, true)]
    [InlineData(true, 1.1, true, false)]
    public void Quorum_and_late_probes_are_the_directors_word(bool? quorum, double late, bool hasQuorum, bool isInTime)
    {
        Says(quorum, late);
        var health = Health;
        Assert.Equal((hasQuorum, isInTime, hasQuorum && isInTime), (Look(health, DirectorTrouble.Quorum), Look(health, DirectorTrouble.LateProbes), Look(health, DirectorTrouble.LateProbes, DirectorTrouble.Quorum)));
    }

    [Fact]
    public void Of_a_director_that_does_not_answer_the_last_word_counts_and_before_it_nothing_is_known()
    {
        var health = Health;
        Assert.Null(Look(health, DirectorTrouble.Quorum, DirectorTrouble.Memory));
        Says(false, 0);
        Assert.False(Look(health, DirectorTrouble.Quorum));
        _info = null;
        Assert.False(Look(health, DirectorTrouble.Quorum));
        Assert.True(Look(health, DirectorTrouble.LateProbes));
    }
}
