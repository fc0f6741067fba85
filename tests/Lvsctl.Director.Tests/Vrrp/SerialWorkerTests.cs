using Lvsctl.Director.Vrrp;

namespace Lvsctl.Director.Tests.Vrrp;

public sealed class SerialWorkerTests
{
    [Fact]
    public void Everything_asked_before_the_end_is_done_in_order()
    {
        var done = new List<int>();
        using (var worker = new SerialWorker("test"))
        {
            for (var i = 0; i < 1_000; i++)
            {
                var number = i;
                worker.Do(() => done.Add(number));
            }
        }

        Assert.Equal(Enumerable.Range(0, 1_000), done);
    }

    [Fact]
    public void Whoever_asks_does_not_wait_for_what_takes_long()
    {
        using var isOver = new ManualResetEventSlim();
        using var began = new ManualResetEventSlim();
        var done = 0;
        using (var worker = new SerialWorker("test"))
        {
            worker.Do(() =>
            {
                began.Set();
                isOver.Wait();
            });
            began.Wait();

            for (var i = 0; i < 100; i++) worker.Do(() => done++);

            Assert.Equal(0, done);
            isOver.Set();
        }
        Assert.Equal(100, done);
    }
}
