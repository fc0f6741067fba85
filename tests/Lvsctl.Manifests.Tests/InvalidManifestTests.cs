using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;

namespace Lvsctl.Manifests.Tests;

/// <summary>
/// tests/Manifests/invalid: each file, or directory of drop-ins, with the messages that it must yield beside it. LVSCTL_UPDATE_GOLDEN=1
/// writes those anew.
/// </summary>
public class InvalidManifestTests
{
    const string Expected = ".expected";

    public static TheoryData<string> Cases => [.. Directory.EnumerateFileSystemEntries(Repository.Invalid)
        .Select(p => Path.GetFileName(p)).Where(n => !n.EndsWith(Expected, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    [Theory, MemberData(nameof(Cases))]
    public void Yields_the_messages_that_stand_beside_it(string name)
    {
        var messages = Messages(name);
        var golden = Path.Combine(Repository.Invalid, name + Expected);
        if (Repository.UpdatesGolden) File.WriteAllLines(golden, messages);

        Assert.Equal(File.ReadAllLines(golden), messages);
    }

    [Fact]
    public void Every_code_is_reached()
    {
        // A path that does not exist is another test's.
        string[] elsewhere = ["LVS001"];
        var reached = Cases.SelectMany(c => Read(c.Data).Diagnostics).Select(d => d.Code).ToHashSet();

        Assert.Equal(Code.All.Select(c => c.Id).Except(elsewhere), Code.All.Select(c => c.Id).Where(reached.Contains));
    }

    [Fact]
    public void Messages_are_sorted_by_place_and_on_one_line()
    {
        foreach (var name in Cases)
        {
            var diagnostics = Read(name.Data).Diagnostics;
            Assert.NotEmpty(diagnostics);
            Assert.Equal(diagnostics.OrderBy(d => d.File, StringComparer.Ordinal).ThenBy(d => d.Line).ThenBy(d => d.Column).ThenBy(d => d.Code), diagnostics);
            Assert.All(diagnostics, d => Assert.DoesNotContain('\n', d.Text));
            Assert.All(diagnostics, d => Assert.True(d.Line == 0 || d.Column > 0, d.ToString()));
        }
    }

    [Fact]
    public void Secrets_are_never_printed()
    {
        var messages = string.Join('\n', Messages("keys.yaml").Concat(Messages("values.yaml")));

        Assert.DoesNotContain("1111", messages);
        Assert.DoesNotContain("s3cret", messages);
    }

    static string[] Messages(string name) =>
        [.. Read(name).Diagnostics.Select(d => d.ToString().Replace(Repository.Invalid + "/", ""))];

    static ManifestResult Read(string name) => ManifestReader.Read([Path.Combine(Repository.Invalid, name)]);
}
