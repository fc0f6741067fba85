using Lvsctl.Core.Health;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Tests.State;

public sealed class HealthStoreTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl-health-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void What_was_written_is_read_also_where_nothing_has_succeeded_yet()
    {
        var time = DateTimeOffset.UnixEpoch;
        var memory = new TargetMemory("web http 10.0.0.1:80 #1", HealthState.Down, 2, time, time) { Failure = ProbeReason.TimedOut, FailureDetail = "no answer within 1s" };
        var service = new ServiceMemory("tcp 192.0.2.1:80", HasQuorum: true, KeptIn: 0, [new ServerMemory("rs1") { AgentWeight = 3 }]);
        var store = new HealthStore(_directory);

        store.Write(new HealthDocument(new HealthSnapshot(time, [memory], [service]), new Dictionary<string, DateTimeOffset> { ["a warning"] = time }));
        var read = store.Read(out var trouble);

        Assert.Null(trouble);
        Assert.Null(read!.LastSuccess);
        Assert.Equal((memory.Key, HealthState.Down, 2, ProbeReason.TimedOut), (read.Health.Targets[0].Key, read.Health.Targets[0].State, read.Health.Targets[0].Count, read.Health.Targets[0].Failure));
        Assert.Equal(3, read.Health.Services[0].Servers[0].AgentWeight);
        Assert.Equal(time, read.Told["a warning"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"version\":99}")]
    [InlineData("{\"health\":{\"taken\":\"2026-11-22T00:00:00Z\",\"targets\":null,\"services\":[]},\"told\":{},\"version\":1}")]
    [InlineData("{\"health\":{\"taken\":\"2026-11-22T00:00:00Z\",\"targets\":[{\"key\":null}],\"services\":[]},\"told\":{},\"version\":1}")]
    public void What_is_damaged_is_not_used_and_said(string text)
    {
        var store = new HealthStore(_directory);
        File.WriteAllText(store.Path, text);

        Assert.Null(store.Read(out var trouble));
        Assert.Contains("health.json", trouble);
    }
}
