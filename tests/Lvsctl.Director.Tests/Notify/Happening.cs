using Lvsctl.Core.Events;
using Lvsctl.Director.Events;

namespace Lvsctl.Director.Tests.Notify;

static class Happening
{
    public static JournalEntry Down(long id, string detail = "connection refused") =>
        new(id, DateTimeOffset.UnixEpoch.AddSeconds(id), new DirectorEvent(EventKinds.ServerDown, $"web/rs{id} is down: {detail}",
            [new(EventFields.Service, "web"), new(EventFields.Server, $"rs{id}"), new(EventFields.RttMs, 1.5), new(EventFields.Detail, detail)]));
}
