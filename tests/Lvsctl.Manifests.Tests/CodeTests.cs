using Lvsctl.Core.Model;
using Lvsctl.Manifests.Codes;

namespace Lvsctl.Manifests.Tests;

public class CodeTests
{
    public static TheoryData<string> Ids => [.. Code.All.Select(c => c.Id)];

    [Fact]
    public void Every_code_is_in_the_table_once_and_in_order()
    {
        var declared = typeof(Code).GetFields().Where(f => f.IsStatic && f.FieldType == typeof(Code)).Select(f => (Code)f.GetValue(null)!).ToList();

        Assert.Equal(declared.OrderBy(c => c.Number), Code.All);
        Assert.Equal(declared.Count, Code.All.Select(c => c.Number).Distinct().Count());
        Assert.Equal(declared.Count, Code.All.Select(c => c.Title).Distinct().Count());
        Assert.True(declared.Count >= 60);
    }

    [Theory, MemberData(nameof(Ids))]
    public void Every_code_explains_itself(string id)
    {
        var code = Code.Find(id)!;

        Assert.EndsWith(".", code.Explanation);
        Assert.False(char.IsUpper(code.Title[0]) && code.Title.EndsWith('.'), code.Title);
    }

    /// <summary>Those whose bad example is no text: described in words, in parentheses.</summary>
    [Theory, MemberData(nameof(Ids))]
    public void The_bad_example_makes_the_mistake_and_the_good_one_makes_none(string id)
    {
        var code = Code.Find(id)!;
        if (code.Bad.StartsWith('('))
        {
            Assert.Contains(code.Id, (string[])["LVS001", "LVS002", "LVS040", "LVS045"]);
            return;
        }

        var bad = ManifestReader.Read(ManifestSource.Of("bad.yaml", code.Bad));
        var good = ManifestReader.Read(ManifestSource.Of("good.yaml", code.Good));

        Assert.Equal([(code.Id, code.Severity)], bad.Diagnostics.Select(d => (d.Code, d.Severity)).Distinct());
        Assert.Equal(code.Severity == Severity.Error, bad.Cluster is null);
        Assert.Empty(good.Diagnostics);
        Assert.NotNull(good.Cluster);
    }
}
