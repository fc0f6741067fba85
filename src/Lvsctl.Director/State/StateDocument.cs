using System.Text.Json;
using System.Text.Json.Serialization;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;

namespace Lvsctl.Director.State;

/// <summary>The state as it is on disk.</summary>
/// <param name="Version">Of this form. A reader that does not know it must not guess.</param>
/// <param name="Owned">For each service that lvsctl made or manages, its servers.</param>
sealed record StateDocument(int Version, IReadOnlyList<Intent> Intents, IReadOnlyDictionary<string, IReadOnlyList<string>> Owned, IReadOnlyList<StateDocument.LeavingServer> Leaving)
{
    const int CurrentVersion = 1;

    public sealed record LeavingServer(string Service, string Server, DateTimeOffset Since);

    public static StateDocument From(DirectorState state)
    {
        var servers = state.Ownership.Servers.ToLookup(s => s.Service, s => s.Server);
        var services = state.Ownership.Services.Concat(servers.Select(s => s.Key)).Distinct();
        return new StateDocument(
            CurrentVersion,
            state.Intents,
            services.ToDictionary(s => s.ToString(), IReadOnlyList<string> (s) => [.. servers[s].Select(r => r.ToString())]),
            [.. state.Leaving.Select(l => new LeavingServer(l.Key.Service.ToString(), l.Key.Server.ToString(), l.Value))]);
    }

    /// <exception cref="FormatException">It is no state that this version understands.</exception>
    public DirectorState ToState()
    {
        if (Version != CurrentVersion) throw new FormatException($"its version is {Version}; this lvsctl knows {CurrentVersion}");
        var services = new ServiceKey[Owned.Count];
        var servers = new (ServiceKey, RealServerKey)[Owned.Values.Sum(s => s.Count)];
        var (service, server) = (0, 0);
        foreach (var (key, its) in Owned)
        {
            services[service] = Service(key);
            foreach (var text in its) servers[server++] = (services[service], Server(text));
            service++;
        }
        var ownership = new Ownership(services, servers);
        return new DirectorState(Intents, ownership, Leaving.ToDictionary(l => (Service(l.Service), Server(l.Server)), l => l.Since));
    }

    /// <exception cref="FormatException"/>
    public static ServiceKey Service(string text) => KeyText.TryReadService(text, out var key) ? key : throw new FormatException($"'{text}' is no virtual service");

    /// <exception cref="FormatException"/>
    public static RealServerKey Server(string text) => KeyText.TryReadServer(text, out var key) ? key : throw new FormatException($"'{text}' is no real server");
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StateDocument))]
sealed partial class StateJson : JsonSerializerContext;
