using System.Text;
using System.Text.Json;
using Lvsctl.Core.Events;
using Lvsctl.Core.Vrrp;
using Lvsctl.Director.Control;
using Lvsctl.Linux.Sockets;

namespace Lvsctl.Director.Vrrp;

// Operators ask, and tell.
public sealed partial class VrrpProcess
{
    const int MostGuests = 16;

    readonly Dictionary<ulong, VrrpGuest> _guests = [];

    void Admit()
    {
        VrrpGuest? guest;
        try
        {
            guest = _door.TryAccept();
        }
        catch (IOException)
        {
            // Who knocks must not take all the loop's time.
            _poller.Change(_door.Descriptor, PollEvents.None, DoorToken);
            _admitAt = Now + s_retry;
            return;
        }
        if (guest is null) return;
        // Who says nothing for long makes way for who comes.
        if (_guests.Count >= MostGuests) Dismiss(_guests.Keys.Min());
        _guests[_nextToken] = guest;
        _poller.Add(guest.Descriptor, PollEvents.Readable, _nextToken++);
    }

    void Listen()
    {
        _admitAt = TimeSpan.MaxValue;
        _poller.Change(_door.Descriptor, PollEvents.Readable, DoorToken);
    }

    void Talk(ulong token)
    {
        if (!_guests.TryGetValue(token, out var guest)) return;
        if (guest.MustWrite) guest.Write();
        else if (guest.Read() is { } question) Answer(token, guest, question);
        Go(token, guest);
    }

    void Go(ulong token, VrrpGuest guest)
    {
        if (guest.IsOver) Dismiss(token);
        else if (guest.MustWrite) _poller.Change(guest.Descriptor, PollEvents.Writable, token);
    }

    void Dismiss(ulong token)
    {
        if (_guests.Remove(token, out var guest)) guest.Dispose();
    }

    void Answer(ulong token, VrrpGuest guest, string question)
    {
        var words = question.Split(' ');
        var access = words[0] == VrrpQuestions.Status ? ControlAccess.Read : ControlAccess.Change;
        if (!guest.Caller.May(access))
        {
            guest.Refuse(ExitCode.KernelOrPermission, guest.Caller.Access is null
                ? $"{guest.Caller.Name} may not ask; the manifest's 'control' names the groups that may"
                : $"{guest.Caller.Name} may look and change nothing; the manifest's control.group may");
            return;
        }
        switch (words)
        {
            case [VrrpQuestions.Status]:
                guest.Accept(JsonSerializer.SerializeToUtf8Bytes(Describe(), VrrpJson.Readable.VrrpStatusDocument));
                break;
            case [VrrpQuestions.Reload]:
                // The answer comes when the manifest has been read.
                BeginReload(outcome => EndTalk(token, outcome));
                break;
            case [VrrpQuestions.Stop]:
                guest.Accept([]);
                if (_stopBy == TimeSpan.MaxValue) BeginStop();
                break;
            case ["failover", var text, .. var name] when VrrpQuestions.TryReadHold(text, out var hold):
                HandOver(guest, hold, name);
                break;
            case ["resume", .. var name]:
                foreach (var router in Named(guest, name)) Step(_live, router, ElectionInput.Resume);
                if (!guest.MustWrite && !guest.IsOver) guest.Accept([]);
                break;
            default:
                guest.Refuse(ExitCode.Usage, $"lvsctl vrrp does not understand '{question}'");
                break;
        }
    }

    void EndTalk(ulong token, in ReloadOutcome outcome)
    {
        if (!_guests.TryGetValue(token, out var guest)) return;
        if (outcome.Refused is null) guest.Accept([]);
        else guest.Refuse(outcome.Code, outcome.Refused.ReplaceLineEndings(" "));
        Go(token, guest);
    }

    void HandOver(VrrpGuest guest, TimeSpan hold, string[] name)
    {
        var masters = Named(guest, name).Where(i => _live.Runs[i].Election.State == VrrpState.Master).ToList();
        if (guest.IsOver || guest.MustWrite) return;
        if (masters.Count == 0)
        {
            guest.Refuse(ExitCode.Failed, name.Length == 0 ? "no virtual router is master here; say it where the master is" : $"{name[0]} is {VrrpEvents.Word(_live.Runs[Named(guest, name)[0]].Election.State)} here; say it where the master is");
            return;
        }
        // Of a sync group the first one takes the others along.
        foreach (var master in masters.Where(m => _live.Runs[m].Election.State == VrrpState.Master)) Step(_live, master, ElectionInput.HandOver(hold));
        guest.Accept(Encoding.UTF8.GetBytes(string.Join('\n', masters.Select(m => _live.Runs[m].Name))));
    }

    List<int> Named(VrrpGuest guest, string[] name)
    {
        var found = Enumerable.Range(0, _live.Runs.Count).Where(i => name.Length == 0 || _live.Runs[i].Name == name[0]).ToList();
        if (found.Count == 0) guest.Refuse(ExitCode.Usage, $"there is no virtual router '{name[0]}'; there are {string.Join(", ", _live.Runs.Select(r => r.Name))}");
        return found;
    }

    VrrpStatusDocument Describe()
    {
        var now = Now;
        return new(_part.Who, Environment.ProcessId, _notPreferred is null, _notLocked is null,
            new(_lateness.Worst.TotalMilliseconds, _lateness.Notable, _lateness.Served), [.. _live.Runs.Select(r => RouterDocuments.Of(r, now))]);
    }
}
