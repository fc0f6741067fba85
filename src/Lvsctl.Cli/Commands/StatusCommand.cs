using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Lvsctl.Cli.Ipvsadm.Listing;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Cli.Commands;

static class StatusCommand
{
    public static Command Create(Workplace workplace)
    {
        var json = new Option<bool>("--json") { Description = "For programs: the same document as 'lvsctl -L --json'" };
        var command = new Command("status", OwnVerbs.Status) { json };
        command.SetAction(parsed =>
        {
            using var ipvs = workplace.OpenKernel();
            var output = parsed.InvocationConfiguration.Output;
            var (info, table) = (ipvs.GetInfo(), ipvs.ReadTableOnce());
            if (parsed.GetValue(json)) WriteJson(output, info, table);
            else StatusText.Write(output, info, table, workplace.Colour);
            return (int)ExitCode.Done;
        });
        return command;
    }

    static void WriteJson(TextWriter output, IpvsInfo info, IReadOnlyList<ObservedPool> table)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true })) JsonListing.WriteTable(writer, info, table);
        output.WriteLine(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }
}
