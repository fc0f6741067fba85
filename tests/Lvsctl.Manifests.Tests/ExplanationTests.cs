namespace Lvsctl.Manifests.Tests;

public class ExplanationTests
{
    [Fact]
    public void Without_a_topic_it_lists_the_top_level() => Assert.Contains("services", Text(""));

    [Theory]
    [InlineData("services.web.check.http", "services.NAME.check.http")]
    [InlineData("services.*.check.http", "services.NAME.check.http")]
    [InlineData("services.check.http", "services.NAME.check.http")]
    [InlineData("services.check", "services.NAME.check")]
    [InlineData("checks.http.expect", "checks.NAME.http.expect")]
    [InlineData("services.web.servers.rs1.weight", "services.NAME.servers.NAME.weight")]
    [InlineData("vrrp.edge.track[0].weight", "vrrp.NAME.track[].weight")]
    [InlineData("notify.email.smtp", "notify[].email.smtp")]
    [InlineData("services.scheduler.mh.port", "services.NAME.scheduler.NAME.port")]
    [InlineData("settings.expire-nodest-conn", "settings.expire-nodest-conn")]
    public void A_path_may_give_names_leave_them_out_or_have_wildcards(string path, string meant) => Assert.StartsWith(meant + "\n", Text(path));

    [Fact]
    public void A_key_shows_meaning_type_unit_default_range_and_example()
    {
        var text = Text("checks.every");

        Assert.Contains("From the start of one probe to that of the next.", text);
        Assert.Contains("type      duration, 10ms..1d", text);
        Assert.Contains("default   5s", text);
        Assert.Contains("required", Text("vrrp.id"));
        Assert.Contains("example   addresses: \"10.0.0.[11-14]\"", Text("services.servers.addresses"));
    }

    [Fact]
    public void An_unknown_path_suggests_the_nearest_key() =>
        Assert.Equal("there is no 'htpp' below services.NAME.check; did you mean 'http'?", ManifestExplanation.Write("services.web.check.htpp", TextWriter.Null));

    [Fact]
    public void A_code_is_explained_with_a_wrong_and_a_right_example()
    {
        var text = Text("lvs020");

        Assert.StartsWith("LVS020 (error): unknown key\n", text);
        Assert.Contains("wrong:  services: { web:", text);
        Assert.Contains("right:  services: { web:", text);
        Assert.NotNull(ManifestExplanation.Write("LVS999", TextWriter.Null));
        Assert.Contains("LVS062  warning", Text("codes"));
    }

    [Fact]
    public void No_line_is_wider_than_a_terminal_but_examples_and_unbreakable_words()
    {
        foreach (var topic in (string[])["", "services.web", "services.web.check", "vrrp.edge", "settings", "notify", "daemon"])
        {
            Assert.DoesNotContain(Text(topic).Split('\n'), l => l.Length > 100 && !l.StartsWith("  example", StringComparison.Ordinal) && !l.StartsWith("  Keys of", StringComparison.Ordinal));
        }
    }

    static string Text(string topic)
    {
        var output = new StringWriter { NewLine = "\n" };
        Assert.Null(ManifestExplanation.Write(topic, output));
        return output.ToString();
    }
}
