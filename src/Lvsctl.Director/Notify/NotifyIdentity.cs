using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lvsctl.Core.Cluster;

namespace Lvsctl.Director.Notify;

/// <summary>A target with what it is known by, to people and on disk.</summary>
/// <param name="Label">Its name, or its kind and its place in the list: <c>webhook 2</c>.</param>
/// <param name="Key">
/// A file's name. It is the target's own wherever it stands in the list: by its name, or else by whom it tells of what, so that another list
/// never gives one target the place of another.
/// </param>
sealed record NotifyIdentity(string Label, string Key, NotifySpec Spec)
{
    const int HashLength = 16;

    public string Kind => KindOf(Spec.Target);

    public static IReadOnlyList<NotifyIdentity> Of(IReadOnlyList<NotifySpec> specs)
    {
        var found = new List<NotifyIdentity>(specs.Count);
        var taken = new Dictionary<string, int>();
        for (var i = 0; i < specs.Count; i++)
        {
            var spec = specs[i];
            var kind = KindOf(spec.Target);
            var text = spec.Name is { } name ? $"name\0{name}" : $"{kind}\0{Content(spec.Target)}\0{string.Join(' ', spec.On.Order())}";
            var key = $"{(spec.Name is null ? kind : "name")}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashLength]}";
            // Twins are told twice.
            var twin = taken[key] = taken.GetValueOrDefault(key) + 1;
            found.Add(new(spec.Name ?? string.Create(CultureInfo.InvariantCulture, $"{kind} {i + 1}"), twin == 1 ? key : $"{key}-{twin}", spec));
        }
        return found;
    }

    static string KindOf(NotifyTarget target) => target switch
    {
        NotifyTarget.Exec => "exec",
        NotifyTarget.Email => "email",
        _ => "webhook",
    };

    static string Content(NotifyTarget target) => target switch
    {
        NotifyTarget.Exec exec => string.Join('\0', exec.Command),
        NotifyTarget.Email mail => string.Join('\0', [mail.Server.ToString(), mail.From, .. mail.To]),
        NotifyTarget.Webhook hook => hook.Url.AbsoluteUri,
        _ => "",
    };
}
