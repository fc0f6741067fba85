using System.Text.Json;
using Lvsctl.Cli.Tests.Commands;

namespace Lvsctl.Cli.Tests.Manifests;

public sealed class ManifestVerbTests : IDisposable
{
    const string Valid = "services: { web: { listen: tcp 192.0.2.1:80, servers: { a: 10.0.0.1 } } }";
    const string Doubtful = "services: { web: { listen: tcp 192.0.2.1:80, servers: { a: \"10.0.0.1:8080\" } } }";
    const string Wrong = "services: { web: { lisen: tcp 192.0.2.1:80, servers: { a: nowhere } } }";

    readonly string _directory = Directory.CreateTempSubdirectory("lvsctl").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    string File(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void A_valid_manifest_is_said_to_be_valid_and_exits_with_0()
    {
        var run = VerbRun.Of($"validate --manifest {File("a.yaml", Valid)}");

        Assert.Equal(new VerbRun(0, "valid: 1 service, 1 server, 0 checks, 0 virtual routers\n", ""), run);
    }

    [Fact]
    public void Every_mistake_is_a_line_on_the_error_stream_and_the_code_is_3()
    {
        var file = File("a.yaml", Wrong);
        var run = VerbRun.Of($"validate -m {file}");

        Assert.Equal(3, run.Code);
        Assert.Equal("", run.Output);
        Assert.Equal($"""
            {file}:1:20: error LVS020: unknown key 'lisen' in a service; did you mean 'listen'?
            {file}:1:59: error LVS027: 'nowhere' is no address; names are not looked up

            """, run.Error);
    }

    [Fact]
    public void Warnings_are_allowed_unless_the_user_is_strict()
    {
        var file = File("a.yaml", Doubtful);

        var lenient = VerbRun.Of($"validate -m {file}");
        Assert.Equal((0, "valid: 1 service, 1 server, 0 checks, 0 virtual routers; 1 warning\n"), (lenient.Code, lenient.Output));
        Assert.Contains("warning LVS053", lenient.Error);
        Assert.Equal(3, VerbRun.Of($"validate --strict -m {file}").Code);
    }

    [Fact]
    public void What_cannot_be_read_is_a_failure_and_no_invalid_manifest()
    {
        Assert.Equal(1, VerbRun.Of($"validate -m {_directory}/nothing.yaml").Code);
        Assert.Equal(1, VerbRun.Of($"validate -m {_directory}").Code);
        Assert.Equal(2, VerbRun.Of("validate --manifest").Code);
        Assert.Equal(2, VerbRun.Of("validate --nonsense").Code);
    }

    [Fact]
    public void Several_manifests_and_directories_are_one()
    {
        var first = File("a.yaml", Valid);
        Directory.CreateDirectory(Path.Combine(_directory, "more"));
        File("more/b.yaml", Valid.Replace("web", "shop").Replace(":80", ":81"));

        Assert.StartsWith("valid: 2 services", VerbRun.Of($"validate -m {first} -m {_directory}/more").Output);
        Assert.Contains("LVS040", VerbRun.Of($"validate -m {first} -m {File("c.yaml", Valid)}").Error);
    }

    [Fact]
    public void As_JSON_every_message_has_its_parts()
    {
        var run = VerbRun.Of($"validate --json -m {File("a.yaml", Wrong)}");
        using var document = JsonDocument.Parse(run.Output);

        Assert.Equal((3, ""), (run.Code, run.Error));
        Assert.False(document.RootElement.GetProperty("valid").GetBoolean());
        Assert.Equal((2, 0), (document.RootElement.GetProperty("errors").GetInt32(), document.RootElement.GetProperty("warnings").GetInt32()));
        var first = document.RootElement.GetProperty("diagnostics")[0];
        Assert.Equal(("LVS020", "error", 1, 20), (first.GetProperty("code").GetString(), first.GetProperty("severity").GetString(), first.GetProperty("line").GetInt32(), first.GetProperty("column").GetInt32()));
    }

    [Fact]
    public void The_schema_is_JSON()
    {
        var run = VerbRun.Of("schema");
        using var document = JsonDocument.Parse(run.Output);

        Assert.Equal((0, "https://json-schema.org/draft/2020-12/schema"), (run.Code, document.RootElement.GetProperty("$schema").GetString()));
    }

    [Fact]
    public void Explain_knows_keys_codes_and_its_limits()
    {
        Assert.Contains("services", VerbRun.Of("explain").Output);
        Assert.StartsWith("services.NAME.check.http\n", VerbRun.Of("explain services.web.check.http").Output);
        Assert.StartsWith("LVS062 (warning)", VerbRun.Of("explain LVS062").Output);

        Assert.Equal(new VerbRun(2, "", "lvsctl: there is no 'servces' in a manifest; did you mean 'services'?\n"), VerbRun.Of("explain servces"));
    }
}
