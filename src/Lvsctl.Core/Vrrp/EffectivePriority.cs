using System.Globalization;
using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Vrrp;

/// <param name="IsWell">Null: not known yet.</param>
public readonly record struct TrackStanding(TrackSpec Spec, bool? IsWell);

/// <summary>What one tracked object does to a router.</summary>
/// <param name="Contribution">To the priority.</param>
/// <param name="IsFault">It forbids the router to be master.</param>
public readonly record struct PriorityPart(TrackStanding Tracked, int Contribution, bool IsFault);

/// <summary>A priority and what it is made of.</summary>
/// <param name="Base">As configured, 1..255.</param>
/// <param name="Value">Base and contributions, within 1..254; an owner stays 255 whatever is tracked.</param>
public sealed record EffectivePriority(byte Base, ValueList<PriorityPart> Parts, byte Value, RouterFault Fault)
{
    /// <param name="isLinkUp">The router's own interface is up and has an address to speak from.</param>
    public static EffectivePriority Of(byte priority, IReadOnlyList<TrackStanding> tracked, bool isLinkUp)
    {
        var parts = new PriorityPart[tracked.Count];
        var sum = (int)priority;
        var fault = isLinkUp ? RouterFault.None : RouterFault.Link;
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = Part(tracked[i], priority == VrrpAdvertisement.PriorityOwner);
            sum += parts[i].Contribution;
            if (parts[i].IsFault && fault == RouterFault.None) fault = RouterFault.Tracked;
        }
        var value = priority == VrrpAdvertisement.PriorityOwner ? priority : (byte)Math.Clamp(sum, 1, 254);
        return new(priority, ValueList.Of<PriorityPart>(parts), value, fault);
    }

    static PriorityPart Part(TrackStanding standing, bool isOwner)
    {
        var weight = standing.Spec.Weight;
        // Nobody becomes master on the strength of what nobody has looked at yet.
        if (weight == 0) return new(standing, 0, standing.IsWell != true);
        var counts = !isOwner && standing.IsWell == weight > 0;
        return new(standing, counts ? weight : 0, false);
    }

    /// <summary>As in <c>80 = 100 - 20 (check gateway fails)</c>.</summary>
    public override string ToString()
    {
        var text = new System.Text.StringBuilder(Value.ToString(CultureInfo.InvariantCulture));
        if (Base != Value || Parts.AsEnumerable().Any(p => p.Contribution != 0)) text.Append(CultureInfo.InvariantCulture, $" = {Base}");
        foreach (var part in Parts)
        {
            if (part.Contribution == 0) continue;
            text.Append(CultureInfo.InvariantCulture, $" {(part.Contribution < 0 ? '-' : '+')} {Math.Abs(part.Contribution)} ({Describe(part.Tracked)})");
        }
        if (Fault == RouterFault.Link) text.Append(", fault: its interface is down or has no address");
        foreach (var part in Parts)
        {
            if (part.IsFault) text.Append(CultureInfo.InvariantCulture, $", fault: {Describe(part.Tracked)}");
        }
        return text.ToString();
    }

    static string Describe(TrackStanding standing)
    {
        var what = standing.Spec switch
        {
            TrackSpec.Interface i => $"interface {i.Name}",
            TrackSpec.Check c => $"check {c.Spec.Name}",
            TrackSpec.File f => $"file {f.Path}",
            TrackSpec.Process p => $"process {p.Name}",
            TrackSpec.Director d => $"director ({string.Join(", ", d.Troubles.AsEnumerable().Select(Word))})",
            _ => "",
        };
        return standing.IsWell switch { true => $"{what} is well", false => $"{what} fails", null => $"{what} is not known yet" };
    }

    // As the manifest has it.
    static string Word(DirectorTrouble trouble) => trouble == DirectorTrouble.LateProbes ? "late-probes" : trouble.ToString().ToLowerInvariant();
}
