using Lvsctl.Linux.Processes;

namespace Lvsctl.Linux.Tests.Processes;

public sealed class DetachedProgramTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-detached-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static int Run(string script, params string[] environment)
    {
        Assert.Null(DetachedProgram.TryStart(["/bin/sh", "-c", script], environment, out var program));
        int? exit;
        while ((exit = program!.TakeExit()) is null) Thread.Yield();
        return exit.Value;
    }

    [Theory]
    [InlineData("exit 3", 3)]
    [InlineData("kill -9 $$", -9)]
    [InlineData("true", 0)]
    public void How_it_ends_is_known(string script, int exit) => Assert.Equal(exit, Run(script));

    [Fact]
    public void It_has_a_session_and_an_environment_of_its_own()
    {
        Assert.Equal(0, Run($"cut -d' ' -f1,6 /proc/$$/stat >{_folder}/out; echo \"$A $HOME $(pwd)\" >>{_folder}/out", "A=1 2", "PATH=/usr/bin:/bin"));

        var lines = File.ReadAllLines($"{_folder}/out");
        var numbers = lines[0].Split(' ');
        Assert.Equal(numbers[0], numbers[1]);
        Assert.Equal("1 2  /", lines[1]);
    }

    [Fact]
    public void What_cannot_be_started_says_why()
    {
        Assert.Equal("/no/such/program: No such file or directory (ENOENT)", DetachedProgram.TryStart(["/no/such/program"], [], out var program));
        Assert.Null(program);
    }
}
