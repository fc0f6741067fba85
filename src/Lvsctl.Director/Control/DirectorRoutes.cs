using System.Buffers;
using System.Globalization;
using System.Reflection;
using Lvsctl.Director.Events;
using Lvsctl.Director.Running;
using Microsoft.AspNetCore.Http;

namespace Lvsctl.Director.Control;

/// <summary>What every director answers: who it is, its events, and a reload.</summary>
/// <param name="stop">Ends answers that have no end of their own.</param>
public sealed class DirectorRoutes(RunningDirector director, EventJournal journal, string stateDirectory, CancellationToken stop)
{
    public const string Info = "/v1/info";
    public const string Reload = "/v1/reload";
    public const string Manifest = "/v1/manifest";
    public const string Events = "/v1/events";

    public IEnumerable<ControlRoute> All =>
    [
        new("GET", Info, ControlAccess.Read, InfoAsync),
        new("GET", Manifest, ControlAccess.Change, ManifestAsync),
        new("POST", Reload, ControlAccess.Change, ReloadAsync),
        new("GET", Events, ControlAccess.Read, EventsAsync),
    ];

    public static string Version { get; } =
        typeof(DirectorRoutes).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    async Task InfoAsync(HttpContext context)
    {
        var view = await director.ViewAsync().ConfigureAwait(false);
        var facts = view.Manifest;
        await ControlReply.WriteAsync(context,
            new InfoDocument(Version, Environment.ProcessId, view.Started, [.. facts.Paths.Select(Path.GetFullPath)], facts.Hash, facts.ReadAt, Path.GetFullPath(stateDirectory)) 
            {
                ManifestRefused = facts.Refused,
                AnyQuorum = view.AnyQuorum,
                ProbesLate = view.ProbesLate.TotalSeconds,
            },
            ControlJson.Default.InfoDocument).ConfigureAwait(false);
    }

    // For whoever is about to apply it. The errors of a manifest may hold some of its text, so not for those who may only look.
    Task ManifestAsync(HttpContext context) => ControlReply.WriteAsync(context, new ManifestDocument(director.Objection()), ControlJson.Default.ManifestDocument);

    async Task ReloadAsync(HttpContext context)
    {
        var reload = await director.ReloadAsync().ConfigureAwait(false);
        await ControlReply.WriteAsync(context, new ReloadDocument(reload.Refused, reload.Kept, reload.Added, reload.Gone) { Waits = reload.Waits }, ControlJson.Default.ReloadDocument).ConfigureAwait(false);
    }

    // One JSON object a line, oldest first: ?after=ID, ?since=TIME, ?follow=1.
    async Task EventsAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var after = Number(query["after"]);
        var since = Time(query["since"]);
        var follows = query["follow"] == "1";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stop);
        context.Response.ContentType = "application/x-ndjson";
        using var reader = journal.Read(after);
        var output = context.Response.BodyWriter;
        try
        {
            while (true)
            {
                // Before reading: what is said meanwhile ends the wait, what cannot be read does not.
                var last = journal.LastId;
                while (reader.TryRead(out var entry))
                {
                    if (entry.Time < since) continue;
                    entry.WriteTo(output);
                    output.Write("\n"u8);
                    if (output.UnflushedBytes > 16 * 1024) await output.FlushAsync(ended.Token).ConfigureAwait(false);
                }
                await output.FlushAsync(ended.Token).ConfigureAwait(false);
                if (!follows) return;
                await journal.WaitAsync(Math.Max(last, reader.Position), ended.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // A whole answer, so that who follows knows the last line to be complete.
        }
    }

    static long Number(string? text) =>
        string.IsNullOrEmpty(text) ? 0 : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new ControlException($"after is an event's number, not '{text}'", exitCode: 2);

    static DateTimeOffset? Time(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
        : throw new ControlException($"since is a time as 2026-11-22T09:00:00Z, not '{text}'", exitCode: 2);
}
