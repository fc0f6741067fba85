using System.Net;
using System.Text;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Health;

/// <summary>
/// Real servers fail in every way there is, and come back, while <c>lvsctl check</c> runs as from cron and clients connect without pause:
/// a sick one is out of the kernel's table in time, and only until then does a client notice.
/// </summary>
public sealed class FaultTests(ITestOutputHelper log)
{
    sealed record Line(string Service, Fault Fault, TimeSpan Out, int PassesOut, TimeSpan OutBound, string Why, int FailedInside, int FailedOutside, TimeSpan Back, int PassesBack);

    static readonly TimeSpan s_tooLong = TimeSpan.FromSeconds(20);

    readonly List<string> _wrong = [];
    readonly List<Line> _lines = [];

    [Fact]
    public void A_server_that_fails_in_any_way_is_out_in_time_and_back_when_it_recovers_and_clients_notice_nothing_else()
    {
        using var farm = new Farm();
        foreach (var (a, b) in farm.Machines)
        {
            a.Start();
            b.Start();
        }
        foreach (var service in farm.Services) AwaitReady(farm, service, farm.VictimOf(service).Address);
        log.WriteLine($"{farm.Clock.Elapsed.TotalSeconds:F1} s: {farm.Services.Count} services on {2 * farm.Machines.Count()} machines");

        var passes = farm.Begin();
        try
        {
            AwaitAll(farm, passes, TimeSpan.Zero, isIn: true, farm.Services);
            log.WriteLine($"{farm.Clock.Elapsed.TotalSeconds:F1} s: all are up after {passes.All.Count} passes");
            var clients = farm.Services.Where(s => s.Exchange is not null).ToDictionary(s => s, s => new Client(farm.Client, farm.Clock, new IPEndPoint(Farm.VirtualAddress, s.Port), s.Exchange!));
            Thread.Sleep(1000);
            foreach (var fault in Enum.GetValues<Fault>()) Suffer(farm, passes, clients, fault);
            Thread.Sleep(500);
            foreach (var client in clients.Values) client.Stop();
            passes.Stop();
            Report(farm, passes, clients);
        }
        catch
        {
            foreach (var pass in passes.All.TakeLast(4)) log.WriteLine($"{pass.Began.TotalSeconds:F2}..{pass.Ended.TotalSeconds:F2}: {pass.Result}");
            throw;
        }
        finally
        {
            passes.Stop();
        }
        Assert.Empty(_wrong);
    }

    void Suffer(Farm farm, Passes passes, Dictionary<Service, Client> clients, Fault fault)
    {
        var victims = farm.Services.Where(s => s.Faults.Contains(fault)).ToList();
        var machines = victims.Select(farm.VictimOf).Distinct().ToList();
        var before = farm.Clock.Elapsed;
        var failed = new Dictionary<Machine, TimeSpan>();
        foreach (var machine in machines)
        {
            failed[machine] = farm.Clock.Elapsed;
            machine.Suffer(fault);
        }
        AwaitAll(farm, passes, farm.Clock.Elapsed, isIn: false, victims);
        // Out is out: nobody may come back meanwhile, nor clients notice.
        Thread.Sleep(500);
        foreach (var machine in machines) machine.Recover(fault);
        var ready = victims.ToDictionary(s => s, s => AwaitReady(farm, s, farm.VictimOf(s).Address));
        AwaitAll(farm, passes, ready.Values.Max(), isIn: true, victims);
        Thread.Sleep(500);

        var all = passes.All;
        foreach (var service in victims)
        {
            var began = failed[farm.VictimOf(service)];
            var server = (service.Key, farm.VictimOf(service).Address);
            var removed = all.First(p => p.Ended > began && !p.Table.Contains(server));
            var back = all.First(p => p.Ended > removed.Ended && p.Table.Contains(server));
            var seeing = all.Where(p => p.Began >= began && p.Ended <= removed.Ended).ToList();
            var interval = seeing.Zip(all.Where(p => p.Began < removed.Began).TakeLast(seeing.Count), (now, last) => now.Began - last.Began).Append(Farm.Interval).Max();
            var tick = seeing.Append(removed).Max(p => p.Ended - p.Began - Farm.Timeout);
            var bound = Farm.Fall * interval + Farm.Timeout + (tick > TimeSpan.Zero ? tick : TimeSpan.Zero);
            var failures = clients.TryGetValue(service, out var client) ? client.Failures.Where(f => f.Ended > before).ToList() : [];
            var inside = failures.Count(f => f.Began <= removed.Ended && f.Ended >= began);
            _lines.Add(new(service.Name, fault, removed.Ended - began, seeing.Count, bound, Why(removed, service), inside, failures.Count - inside,
                back.Ended - ready[service], all.Count(p => p.Began >= ready[service] && p.Ended <= back.Ended)));
            foreach (var failure in failures.Where(f => f.Began > removed.Ended || f.Ended < began))
                _wrong.Add($"{service.Name}, {fault}: a client failed at {failure.Began.TotalSeconds:F2}..{failure.Ended.TotalSeconds:F2} s, and the server was out from {removed.Ended.TotalSeconds:F2} to {back.Ended.TotalSeconds:F2} s: {failure.Why}");
        }
        foreach (var pass in all.Where(p => p.Ended > before))
        {
            foreach (var service in farm.Services)
            {
                var expected = farm.Machines.Count(m => pass.Table.Contains((service.Key, m.B.Address)));
                if (expected != 1) _wrong.Add($"{service.Name}, {fault}: its good server is not in the table at {pass.Ended.TotalSeconds:F2} s: {pass.Result.Output}");
                if (!victims.Contains(service) && !pass.Table.Contains((service.Key, farm.VictimOf(service).Address))) _wrong.Add($"{service.Name}: {fault} took its server out");
            }
            if (pass.Result.ExitCode != 0) _wrong.Add($"{fault}: a pass ended with {pass.Result}");
        }
    }

    // What the pass says of it.
    static string Why(Pass pass, Service service) =>
        pass.Result.Output.Split('\n').FirstOrDefault(l => l.StartsWith($"{service.Name}/a is down: ", StringComparison.Ordinal))?.Split(": ", 2)[1] ?? "?";

    static void AwaitAll(Farm farm, Passes passes, TimeSpan since, bool isIn, IReadOnlyList<Service> services)
    {
        var began = farm.Clock.Elapsed;
        while (true)
        {
            var last = passes.All is [.., var pass] ? pass : null;
            var waiting = last is null || last.Ended < since ? services : [.. services.Where(s => last.Table.Contains((s.Key, farm.VictimOf(s).Address)) != isIn)];
            if (waiting.Count == 0) return;
            Assert.True(farm.Clock.Elapsed - began < s_tooLong, $"still {(isIn ? "out" : "in")}: {string.Join(", ", waiting.Select(s => s.Name))}\n{string.Join("\n", waiting.Select(s => farm.VictimOf(s).Log))}");
            Thread.Sleep(20);
        }
    }

    // When the server itself answers again.
    static TimeSpan AwaitReady(Farm farm, Service service, IPAddress server)
    {
        if (service.Exchange is not { } exchange) return farm.Clock.Elapsed;
        Exception? failure = null;
        farm.Client.Start(() =>
        {
            var began = farm.Clock.Elapsed;
            do
            {
                try
                {
                    exchange(new IPEndPoint(server, service.ServerPort));
                    failure = null;
                    return;
                }
                catch (Exception e)
                {
                    failure = e;
                    Thread.Sleep(30);
                }
            }
            while (farm.Clock.Elapsed - began < s_tooLong);
        }).Join();
        Assert.True(failure is null, $"{service.Name} at {server} does not answer: {failure}\n{farm.VictimOf(service).Log}");
        return farm.Clock.Elapsed;
    }

    void Report(Farm farm, Passes passes, Dictionary<Service, Client> clients)
    {
        var all = passes.All;
        var table = new StringBuilder();
        table.AppendLine($"every {Farm.Interval.TotalMilliseconds} ms (as it was: {all.Zip(all.Skip(1), (a, b) => (b.Began - a.Began).TotalMilliseconds).Average():F0}), timeout {Farm.Timeout.TotalMilliseconds} ms, fall {Farm.Fall}, rise {Farm.Rise}; {all.Count} passes in {farm.Clock.Elapsed.TotalSeconds:F1} s");
        table.AppendLine($"clients: {string.Join(", ", clients.Select(c => $"{c.Key.Name} {c.Value.Count}"))} connections");
        table.AppendLine("| kind | fault | out after | passes | bound | found | client errors until out / else | back after | passes |");
        table.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var l in _lines.OrderBy(l => farm.Services.ToList().FindIndex(s => s.Name == l.Service)))
        {
            table.AppendLine($"| {l.Service} | {l.Fault} | {l.Out.TotalMilliseconds:F0} ms | {l.PassesOut} | {l.OutBound.TotalMilliseconds:F0} ms | {l.Why} | {l.FailedInside} / {l.FailedOutside} | {l.Back.TotalMilliseconds:F0} ms | {l.PassesBack} |");
            if (l.PassesOut > Farm.Fall || l.Out > l.OutBound) _wrong.Add($"{l.Service}, {l.Fault}: out after {l.Out.TotalMilliseconds:F0} ms and {l.PassesOut} passes");
            if (l.PassesBack > Farm.Rise) _wrong.Add($"{l.Service}, {l.Fault}: back after {l.Back.TotalMilliseconds:F0} ms and {l.PassesBack} passes");
        }
        log.WriteLine(table.ToString());
    }
}
