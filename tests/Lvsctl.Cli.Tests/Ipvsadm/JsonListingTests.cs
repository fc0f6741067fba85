using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace Lvsctl.Cli.Tests.Ipvsadm;

public class JsonListingTests
{
    static readonly JsonSchema Schema = JsonSchema.Load(SchemaPath());

    [Theory]
    [InlineData("-L")]
    [InlineData("-Ln --nosort")]
    [InlineData("-L -t 10.9.0.9:80")]
    [InlineData("-L --stats")]
    [InlineData("-Lc")]
    [InlineData("-Lc --persistent-conn")]
    [InlineData("-L --timeout")]
    [InlineData("-L --daemon")]
    public void Every_listing_keeps_to_the_schema(string options)
    {
        var document = Document(BusyBench(), options);
        Assert.Null(Schema.Check(document));
    }

    [Fact]
    public void A_service_has_everything_the_kernel_knows_of_it_whatever_columns_are_asked_for()
    {
        var service = Document(BusyBench(), "-L -t 10.9.0.9:443")["services"]![0]!;

        Assert.Equal("tcp", service["protocol"]!.GetValue<string>());
        Assert.Equal(443, service["port"]!.GetValue<int>());
        Assert.Equal(300, service["persistence_timeout"]!.GetValue<int>());
        Assert.Equal("255.255.255.255", service["netmask"]!.GetValue<string>());
        Assert.Equal(1090, service["statistics"]!["in_bytes"]!.GetValue<long>());
        Assert.Equal(43, service["rates"]!["in_bytes_per_second"]!.GetValue<long>());
        Assert.Equal(["10.1.0.2", "10.1.0.3"], service["servers"]!.AsArray().Select(s => s!["address"]!.GetValue<string>()));
        Assert.Equal(1, service["servers"]![1]!["persistent_connections"]!.GetValue<int>());
    }

    [Fact]
    public void Counters_are_whole_numbers_of_64_bits()
    {
        var server = Document(BusyBench(), "-L -t 10.9.0.9:80")["services"]![0]!["servers"]![0]!;
        Assert.Equal(ulong.MaxValue, server["statistics"]!["out_bytes"]!.GetValue<ulong>());
    }

    [Fact]
    public void Addresses_are_never_looked_up()
    {
        var bench = BusyBench();
        Document(bench, "-L");
        Document(bench, "-Lc");
        Assert.Equal(0, bench.Names.Questions);
    }

    [Fact]
    public void A_tunnel_and_the_flags_of_a_scheduler_are_told()
    {
        var bench = new IpvsadmBench();
        bench.Restore("""
            -A -t 10.0.0.1:80 -s mh -b flag-1,flag-2,flag-3
            -a -t 10.0.0.1:80 -r 10.1.0.1:80 -i --tun-type gue --tun-port 6080 --tun-remcsum
            """);

        var document = Document(bench, "-L");

        Assert.Null(Schema.Check(document));
        var service = document["services"]![0]!;
        Assert.Equal("""["mh-fallback","mh-port","flag-3"]""", service["scheduler_flags"]!.ToJsonString());
        Assert.Equal("""{"type":"gue","port":6080,"checksum":"remote"}""", service["servers"]![0]!["tunnel"]!.ToJsonString());
    }

    [Fact]
    public void The_schema_notices_a_field_that_is_missing_or_more_or_of_another_kind()
    {
        var without = Document(BusyBench(), "-L");
        without["services"]![0]!.AsObject().Remove("scheduler");
        Assert.NotNull(Schema.Check(without));

        var more = Document(BusyBench(), "-L --timeout");
        more["timeouts"]!["sctp"] = 1;
        Assert.NotNull(Schema.Check(more));

        var other = Document(BusyBench(), "-Lc");
        other["connections"]![0]!["expires_seconds"] = "886";
        Assert.NotNull(Schema.Check(other));
    }

    [Fact]
    public void Only_listings_can_be_json()
    {
        var result = new IpvsadmBench().Run("ipvsadm -A -t 10.0.0.1:80 --json");
        Assert.Equal(("Illegal 'json' option with the 'add-service' command\n", 2), (result.Errors, result.ExitCode));
    }

    static IpvsadmBench BusyBench()
    {
        var bench = new IpvsadmBench();
        ScenarioTables.Apply("table busy", bench);
        ScenarioTables.Apply("connections busy", bench);
        bench.Run("ipvsadm --start-daemon master --mcast-interface lo --syncid 3");
        return bench;
    }

    static JsonNode Document(IpvsadmBench bench, string options)
    {
        var result = bench.Run($"ipvsadm {options} --json");
        Assert.Equal(("", 0), (result.Errors, result.ExitCode));
        return JsonNode.Parse(result.Output)!;
    }

    static string SchemaPath([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "../../../src/Lvsctl.Cli/Ipvsadm/Listing/listing.schema.json");
}
