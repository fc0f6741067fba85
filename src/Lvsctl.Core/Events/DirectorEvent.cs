using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Events;

/// <summary>Something that happened, for people (the text) and for machines (kind and fields). It says nothing of when: the journal does.</summary>
/// <param name="Text">One sentence in plain words, without the time.</param>
public sealed record DirectorEvent(EventKind Kind, string Text, ValueList<EventField> Fields)
{
    /// <summary>Null where it is about none.</summary>
    public string? Service => this[EventFields.Service];

    /// <summary>Null where it is about none.</summary>
    public string? Server => this[EventFields.Server];

    /// <summary>Its number in the journal of <c>lvsctl vrrp</c>; null where it did not come from there.</summary>
    public long? VrrpId
    {
        get
        {
            foreach (var fact in Fields)
            {
                if (fact.Name == EventFields.VrrpId) return (long?)fact.Number;
            }
            return null;
        }
    }

    public DirectorEvent With(string name, double number) => this with { Fields = Fields.Where(f => f.Name != name).Append(new(name, number)).ToValueList() };

    /// <summary>The field's text; null where it has none of that name.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var field in Fields)
            {
                if (field.Name == name) return field.ToString();
            }
            return null;
        }
    }
}
