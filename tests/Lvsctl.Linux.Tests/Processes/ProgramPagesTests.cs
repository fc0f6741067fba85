using Lvsctl.Linux.Processes;

namespace Lvsctl.Linux.Tests.Processes;

public sealed class ProgramPagesTests
{
    [Fact]
    public void Pages_that_are_handed_back_come_again_where_they_are_needed()
    {
        Assert.True(ProgramPages.HandBackClean() > 1024 * 1024);

        // Code and constants of the program, its libraries and the runtime are still what they were.
        Assert.Equal("1, 2, 3", string.Join(", ", Enumerable.Range(1, 3)));
        Assert.StartsWith("root", UserIdentity.NameOf(0));
        GC.Collect();
        Assert.True(ProgramPages.HandBackClean() > 0);
    }
}
