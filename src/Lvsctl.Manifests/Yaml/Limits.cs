namespace Lvsctl.Manifests.Yaml;

/// <summary>What keeps hostile input from costing time or memory. Each is several times what 10,000 services of 10 servers take.</summary>
static class Limits
{
    /// <summary>Bytes of all files.</summary>
    public const int Bytes = 64 * 1024 * 1024;

    /// <summary>Values of one file, with every alias written out.</summary>
    public const int Values = 4_000_000;

    public const int Depth = 32;

    /// <summary>A place remembers its file in 16 bits.</summary>
    public const int Files = 10_000;

    public const int Diagnostics = 1_000;

    /// <summary>After so many nothing more is read.</summary>
    public const int Mistakes = 10_000;

    /// <summary>Members of one range of addresses.</summary>
    public const int RangeMembers = 4_096;

    /// <summary>Keys in the kernel's table for one service.</summary>
    public const int Listens = 1_024;

    /// <summary>Servers in the kernel's table, over all services.</summary>
    public const int TableEntries = 1_000_000;
}
