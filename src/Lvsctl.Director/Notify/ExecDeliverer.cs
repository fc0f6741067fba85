using System.Buffers;
using System.Globalization;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Director.Events;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Processes;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Notify;

/// <summary>
/// Runs a program for each event, as a user without privileges and without a shell: the event as JSON on standard input, and its facts in the
/// environment. When its time is over it is killed with all it started.
/// </summary>
sealed class ExecDeliverer(NotifyTarget.Exec spec, Func<ClusterSpec> cluster, ProgramSpawner spawner, TimeProvider clock) : Deliverer
{
    const int MostOutput = 200;
    static readonly TimeSpan s_death = TimeSpan.FromSeconds(1);

    public override async Task<string?> DeliverAsync(IReadOnlyList<JournalEntry> events, CancellationToken cancellation)
    {
        var entry = events[0];
        var now = cluster();
        var user = spec.User ?? now.Daemon.ProbeUser;
        // Somebody who is that user already has no way, and no need, to become it.
        var identity = UserIdentity.Find(user) ?? throw new DeliveryException($"there is no user '{user}' to run {spec.Command[0]} as");
        IReadOnlyList<string> command = spec.LikeKeepalived ? [.. spec.Command, .. KeepalivedWords.Of(entry.Event, now)] : spec.Command;
        var started = new TaskCompletionSource<(Errno Errno, SpawnedProgram Program)>(TaskCreationOptions.RunContinuationsAsynchronously);
        spawner.Spawn(new SpawnRequest(command, Environment(entry, now), identity) { Input = Line(entry) }, (errno, program) => started.SetResult((errno, program)));
        var (errno, program) = await started.Task.ConfigureAwait(false);
        if (errno != Errno.OK) throw new DeliveryException(Explain(errno, user));

        using var late = new CancellationTokenSource(spec.Timeout, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        // A thread while the program runs: there are never more than there are targets.
        var (code, said) = await Task.Factory.StartNew(() => Watch(program, end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        if (code == 0) return null;
        cancellation.ThrowIfCancellationRequested();
        var how = code switch
        {
            null => $"did not end within {Duration.Text(spec.Timeout)}, and was killed",
            < 0 => $"was killed by signal {-code}",
            _ => $"ended with exit code {code}",
        };
        throw new DeliveryException(said.Length > 0 ? $"{spec.Command[0]} {how}: {said}" : $"{spec.Command[0]} {how}");
    }

    static byte[] Line(JournalEntry entry)
    {
        var line = new ArrayBufferWriter<byte>();
        entry.WriteTo(line);
        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    static List<string> Environment(JournalEntry entry, ClusterSpec cluster)
    {
        List<string> variables =
        [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG=C.UTF-8",
            $"LVSCTL_CLUSTER={cluster.Name}",
            $"LVSCTL_ID={entry.Id.ToString(CultureInfo.InvariantCulture)}",
            $"LVSCTL_TIME={entry.TimeText}",
            $"LVSCTL_EVENT={entry.Event.Kind.Id}",
            $"LVSCTL_LEVEL={entry.Event.Kind.Level.ToString().ToLowerInvariant()}",
            $"LVSCTL_TEXT={PlainLine.Of(entry.Event.Text)}",
        ];
        foreach (var field in entry.Event.Fields) variables.Add($"LVSCTL_{field.Name.ToUpperInvariant()}={PlainLine.Of(field.ToString())}");
        return variables;
    }

    // Its exit, or null where its time was over; and the beginning of what it said.
    static (int? Code, string Said) Watch(SpawnedProgram program, CancellationToken end)
    {
        using var poller = new Poller();
        using var wake = end.Register(poller.Wake);
        Span<PollReady> ready = stackalloc PollReady[2];
        var output = new byte[MostOutput];
        var kept = 0;
        var isOpen = true;
        int? code;
        try
        {
            poller.Add(program.Watch, PollEvents.Readable, 0);
            poller.Add(program.Output, PollEvents.Readable, 1);
            while ((code = program.TakeExit()) is null)
            {
                if (end.IsCancellationRequested)
                {
                    program.KillGroup();
                    // Unless the kernel holds it, in which case it is init's once lvsctl is gone.
                    if (isOpen) poller.Remove(program.Output);
                    for (var began = 0; began < 2 && program.TakeExit() is null; began++) poller.Wait(ready, s_death);
                    break;
                }
                poller.Wait(ready, null);
                if (!isOpen || Keep(program, output, ref kept)) continue;
                // Or an ended pipe would be ready for ever.
                poller.Remove(program.Output);
                isOpen = false;
            }
            if (code is not null && isOpen) Keep(program, output, ref kept);
        }
        finally
        {
            program.Close();
        }
        return (code, PlainLine.Of(Encoding.UTF8.GetString(output, 0, kept)));
    }

    // What is too much is read too, or the program would wait for ever. False: there will be no more.
    static bool Keep(SpawnedProgram program, byte[] output, ref int kept)
    {
        Span<byte> buffer = stackalloc byte[4096];
        while (true)
        {
            var count = program.ReadOutput(buffer);
            if (count <= 0) return count < 0;
            var some = buffer[..Math.Min(count, output.Length - kept)];
            some.CopyTo(output.AsSpan(kept));
            kept += some.Length;
        }
    }

    string Explain(Errno errno, string user) => errno switch
    {
        Errno.ENOENT => $"{spec.Command[0]} is not there, or its interpreter is not",
        Errno.EACCES => $"{user} may not execute {spec.Command[0]}",
        Errno.EPERM => $"lvsctl may not run programs as {user}: it is not root, or lacks CAP_SETUID and CAP_SETGID",
        _ => $"{spec.Command[0]}: {ErrnoText.Describe(errno)}",
    };
}
