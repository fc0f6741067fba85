using Lvsctl.Director.State;
using Lvsctl.Director.Vrrp;
using Lvsctl.Testing;

namespace Lvsctl.Director.Tests.Vrrp;

/// <summary>What one process knows of another by its lock.</summary>
public sealed class VrrpLockTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-vrrp-lock-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true, VrrpStanding.Kept)]
    [InlineData(false, VrrpStanding.Own)]
    public void It_says_who_is_at_work_and_how_that_ended(bool isKept, VrrpStanding standing)
    {
        Assert.Equal(new VrrpPresence(VrrpStanding.Absent), VrrpLock.Look(_folder));
        using (var mine = VrrpLock.Take(_folder, isKept, new EagerClock()))
        {
            Assert.Equal(new VrrpPresence(standing, Environment.ProcessId), VrrpLock.Look(_folder));
            mine.TellEnd();
            Assert.Equal(new VrrpPresence(VrrpStanding.Ending), VrrpLock.Look(_folder));
        }
        Assert.Equal(new VrrpPresence(VrrpStanding.Stopped), VrrpLock.Look(_folder));

        VrrpLock.Forget(_folder);
        Assert.Equal(new VrrpPresence(VrrpStanding.Absent), VrrpLock.Look(_folder));
    }

    [Fact]
    public void Who_ends_without_a_word_has_died()
    {
        VrrpLock.Take(_folder, isKept: true, new EagerClock()).Dispose();

        Assert.Equal(new VrrpPresence(VrrpStanding.Absent), VrrpLock.Look(_folder));
    }

    [Fact]
    public void There_is_one_for_a_state_directory()
    {
        using var mine = VrrpLock.Take(_folder, isKept: true, new EagerClock());

        Assert.Contains("another lvsctl vrrp is at work", Assert.Throws<StateException>(() => VrrpLock.Take(_folder, isKept: false, new EagerClock())).Message);
    }
}
