using System.Diagnostics;

namespace Lvsctl.Manifests.Tests;

/// <summary>
/// The JSON Schema, judged by ajv, which npm installs into artifacts/ajv. Each invalid example says in its first line whether a schema
/// can know: "fails", "passes" (only the meaning is wrong) or "unreadable" (no YAML, or more than JSON knows of it).
/// </summary>
public class SchemaTests
{
    static readonly string Tools = Path.Combine(Repository.Root, "artifacts", "ajv");

    [Fact]
    public void Agrees_with_the_reader_on_every_example()
    {
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Repository.Files(".yaml").Where(f => f.StartsWith("examples/", StringComparison.Ordinal))) expected[file] = "valid";
        foreach (var file in Repository.Files(".yaml").Where(f => Path.GetDirectoryName(Path.Combine(Repository.Root, f)) == Repository.Invalid))
        {
            switch (File.ReadLines(Path.Combine(Repository.Root, file)).First())
            {
                case "# schema: fails":
                    expected[file] = "invalid";
                    break;
                case "# schema: passes":
                    expected[file] = "valid";
                    break;
                case "# schema: unreadable":
                    break;
                case var line:
                    Assert.Equal("utf16.yaml", Path.GetFileName(file) + (line.Length > 40 ? " has no '# schema: …' line" : ""));
                    break;
            }
        }
        Install();
        var schema = Path.Combine(Tools, "schema.json");
        File.WriteAllText(schema, ManifestSchema.Text());

        var lines = Run("node", ["validate.mjs", schema, .. expected.Keys.Select(f => Path.Combine(Repository.Root, f))]);

        var found = lines.Select(l => l.Split('\t')).ToDictionary(l => Path.GetRelativePath(Repository.Root, l[1]), l => (Verdict: l[0], Error: l[2]));
        Assert.Equal(expected.Keys, found.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("invalid", expected.Values);
        Assert.All(expected, e => Assert.Equal((e.Key, e.Value, ""), (e.Key, found[e.Key].Verdict, e.Value == "valid" ? found[e.Key].Error : "")));
    }

    [Theory]
    [InlineData("services: { web: { listen: tcp 192.0.2.1:80 } }")]
    [InlineData("services: { web: { listen: tcp 192.0.2.1:80, servers: { a: { addres: 10.0.0.1 } } } }")]
    [InlineData("services: { web: { listen: 192.0.2.1:80, servers: { a: 10.0.0.1 } } }")]
    [InlineData("services: { web: { listen: tcp 192.0.2.1:80, one-packet: yes, servers: { a: 10.0.0.1 } } }")]
    [InlineData("services: { web: { listen: tcp 192.0.2.1:80, forward: direct, servers: { a: 10.0.0.1 } } }")]
    [InlineData("checks: { a: { tcp: {}, http: {} } }")]
    [InlineData("checks: { a: { tcp: {}, every: 5 } }")]
    [InlineData("checks: { a: { tcp: {}, rise: 0 } }")]
    [InlineData("vrrp: { v: { interface: eth0, id: 256, addresses: 192.0.2.1/24 } }")]
    [InlineData("vrrp: { v: { interface: eth0, id: 1, addresses: 192.0.2.1/24, track: [ { weight: 1 } ] } }")]
    [InlineData("notify: [ { on: server } ]")]
    [InlineData("notify: [ { exec: [ /bin/true ], on: everything } ]")]
    [InlineData("settings: { ip-forward: 1 }")]
    [InlineData("\"a b\": 1")]
    public void Refuses_what_is_structurally_wrong(string yaml)
    {
        Install();
        var directory = Directory.CreateTempSubdirectory("lvsctl").FullName;
        var (schema, file) = (Path.Combine(directory, "schema.json"), Path.Combine(directory, "bad.yaml"));
        File.WriteAllText(schema, ManifestSchema.Text());
        File.WriteAllText(file, yaml);

        var verdict = Run("node", ["validate.mjs", schema, file]).Single();
        Directory.Delete(directory, recursive: true);

        Assert.StartsWith("invalid\t", verdict);
        Assert.NotEmpty(ManifestReader.Read(ManifestSource.Of("bad.yaml", yaml)).Errors);
    }

    static readonly Lock Installing = new();

    static void Install()
    {
        lock (Installing)
        {
            Directory.CreateDirectory(Tools);
            var stale = false;
            foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "tests", "Lvsctl.Manifests.Tests", "ajv")))
            {
                var copy = Path.Combine(Tools, Path.GetFileName(file));
                if (File.Exists(copy) && File.ReadAllText(copy) == File.ReadAllText(file)) continue;
                File.Copy(file, copy, overwrite: true);
                stale = true;
            }
            if (stale || !Directory.Exists(Path.Combine(Tools, "node_modules", "ajv"))) Run("npm", ["ci", "--no-audit", "--no-fund", "--silent"]);
        }
    }

    static string[] Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Tools, RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new InvalidOperationException($"{program} is needed to judge the JSON Schema, and is not installed: apt-get install nodejs npm (scripts/setup does it)");
        }
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', start.ArgumentList.Take(3))} failed; it needs npm's registry once. {errors.Result}");
            return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
    }
}
