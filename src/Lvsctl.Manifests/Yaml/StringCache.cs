namespace Lvsctl.Manifests.Yaml;

/// <summary>Lets the strings that a manifest repeats (keys, ports, weights) live once. Forgets what another string displaces.</summary>
sealed class StringCache
{
    const int Slots = 4096;
    const int LongestKept = 24;

    readonly string?[] _slots = new string?[Slots];

    public string Share(string text)
    {
        if (text.Length > LongestKept) return text;
        ref var slot = ref _slots[(uint)string.GetHashCode(text) % Slots];
        if (slot is null || slot != text) slot = text;
        return slot;
    }
}
