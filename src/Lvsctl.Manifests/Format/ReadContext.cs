using Lvsctl.Core.Cluster;
using Lvsctl.Manifests.Cluster;
using Lvsctl.Manifests.Codes;
using Lvsctl.Manifests.Yaml;

namespace Lvsctl.Manifests.Format;

/// <summary>What reading a value may need to know of the rest of the manifest.</summary>
sealed class ReadContext(Report report)
{
    public Report Report { get; } = report;

    /// <summary>Every file could be read. Otherwise a name that seems to be missing may be in the one that could not.</summary>
    public bool IsComplete { get; set; } = true;

    /// <summary>The named checks; references find them here, in whatever order the manifest has them.</summary>
    public CheckBook Checks { get; } = new();

    public IReadOnlyList<DirectorSpec> Directors { get; set; } = [];

    public ServiceBook Services { get; } = new();

    /// <summary>The map whose keys count where one of this kind does not say something itself.</summary>
    public DefaultMaps Defaults { get; set; } = new(null, null, null);

    /// <summary>What a check that is written inside something else is called after it.</summary>
    public string Surrounding { get; set; } = "";

    /// <summary>For the test that the reader asks for exactly what is described.</summary>
    public HashSet<Key>? Asked { get; init; }

    public void Complain(Code code, Place place, string text) => Report.Add(code, place, text);
}

readonly record struct DefaultMaps(MapNode? Services, MapNode? Servers, MapNode? Checks);

/// <summary>A value that remembers where it stands, for the rules that compare it with others.</summary>
readonly record struct Located<T>(T Value, Place Place);
