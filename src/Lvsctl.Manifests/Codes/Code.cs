using Lvsctl.Core.Model;

namespace Lvsctl.Manifests.Codes;

/// <summary>
/// A kind of mistake. Its number is never given to another one, so that people can look it up, search for it, and silence it.
/// </summary>
/// <param name="Bad">A whole manifest that makes the mistake, or in words what does, where text cannot show it.</param>
/// <param name="Good">The same without the mistake.</param>
public sealed partial record Code(int Number, Severity Severity, string Title, string Explanation, string Bad, string Good)
{
    public string Id => $"LVS{Number:000}";

    public static Code? Find(string id) => All.FirstOrDefault(c => c.Id.Equals(id, StringComparison.OrdinalIgnoreCase));

    static Code Error(int number, string title, string explanation, string bad, string good) =>
        new(number, Severity.Error, title, explanation, bad, good);

    static Code Warning(int number, string title, string explanation, string bad, string good) =>
        new(number, Severity.Warning, title, explanation, bad, good);
}
