using Lvsctl.Core.Reconcile;
using Lvsctl.Director.Control;

namespace Lvsctl.Director.Intents;

/// <summary>Which server, in one service or in all that have one of that name.</summary>
/// <param name="Service">Null: in all.</param>
readonly record struct IntentTarget(string Server, string? Service)
{
    /// <param name="server"><c>rs1</c> or <c>web/rs1</c>.</param>
    public static IntentTarget Read(string server, string? service) => service is null && server.Split('/') is [var before, var after] ? new(after, before) : new(server, service);

    /// <param name="intents">Those that may be taken back even though the manifest no longer names their servers.</param>
    /// <exception cref="ControlException">The manifest has no such server.</exception>
    public void Verify(DesiredTable manifest, IReadOnlyList<Intent> intents)
    {
        var (server, service) = this;
        if (intents.Any(i => i.Server == server && (service is null || i.Service == service))) return;
        var services = manifest.Services.Where(s => service is null || s.Name == service).ToList();
        if (services.Count == 0) throw Unknown($"the manifest has no service '{service}'");
        if (services.Exists(s => s.Servers.Any(r => r.Name == server))) return;
        var known = services.SelectMany(s => s.Servers.Select(r => r.Name)).Distinct().ToList();
        var some = known.Count <= 8 ? string.Join(", ", known) : $"{string.Join(", ", known.Take(8))} and {known.Count - 8} more";
        throw Unknown($"{(service is null ? "the manifest" : $"service '{service}'")} has no server '{server}'; it has {some}");
    }

    public bool Concerns(string service, string server) => server == Server && (Service is null || service == Service);

    static ControlException Unknown(string text) => new(text, (int)ExitCode.Usage);
}
