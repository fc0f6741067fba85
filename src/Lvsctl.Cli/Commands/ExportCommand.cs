using System.CommandLine;
using Lvsctl.Cli.Ipvsadm.Restoring;
using Lvsctl.Core.Model;
using Lvsctl.Director.Control;
using Lvsctl.Linux.Descriptors;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Names;
using Lvsctl.Manifests.Writing;

namespace Lvsctl.Cli.Commands;

/// <summary>The way in for those who have a table and no manifest.</summary>
static class ExportCommand
{
    static readonly ConnectionTimeouts s_kernelDefaults = new(900, 120, 300);

    public static Command Create(Workplace workplace)
    {
        var from = new Option<string?>("--from") { Description = "Read what ipvsadm-save wrote instead of the kernel's table; - is standard input", HelpName = "FILE" };
        var to = new Option<string?>("--output") { Description = "Write to this file instead of standard output", HelpName = "FILE" };
        var command = new Command("export", OwnVerbs.Export) { from, to };
        command.SetAction(parsed =>
        {
            var streams = parsed.InvocationConfiguration;
            var file = parsed.GetValue(from);
            var table = file is null ? OfKernel(workplace) : OfFile(file, streams.Error);
            var heading = $"lvsctl export of {(file is null ? "the kernel's table" : file)}, {TimeText.Of(workplace.Clock.GetUtcNow())}.";

            if (parsed.GetValue(to) is { } path) Save(path, writer => Write(writer, table, heading));
            else Write(streams.Output, table, heading);
            foreach (var remark in table.AllRemarks) streams.Error.WriteLine($"lvsctl: warning: {remark}");
            return (int)ExitCode.Done;
        });
        return command;
    }

    static void Write(TextWriter output, ExportedTable table, string heading) =>
        new ManifestWriter(output).Write(table, heading, "The names are made of the addresses: choose better ones, and the kernel's table stays as it is.", "");

    static ExportedTable OfKernel(Workplace workplace)
    {
        using var kernel = workplace.OpenKernel();
        var timeouts = kernel.GetTimeouts();
        return Of(kernel.ReadTable(), timeouts == s_kernelDefaults ? null : timeouts);
    }

    /// <summary>In an order that stays the same, because the kernel's depends on its hash table.</summary>
    public static ExportedTable Of(IReadOnlyList<ObservedPool> pools, ConnectionTimeouts? timeouts) => TableExport.Of(
        pools
            .Select(p => (p.Service.Service, Servers: p.Servers.Select(s => s.Server)))
            .OrderBy(p => p.Service.Key, KeyOrder.Instance)
            .Select(p => (p.Service, (IReadOnlyList<RealServer>)[.. p.Servers.OrderBy(s => s.Key, KeyOrder.Instance)])),
        timeouts);

    static ExportedTable OfFile(string path, TextWriter error)
    {
        SavedTableReader saved;
        try
        {
            using Stream stream = path == "-" ? DescriptorStream.StandardInput : File.OpenRead(path);
            saved = SavedTableReader.Read(stream, new SystemNames());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException(ExitCode.Failed, $"cannot read {path}: {e.Message}");
        }
        if (saved.Errors.Count == 0) return TableExport.Of(saved.Table, saved.Timeouts, saved.Remarks);
        foreach (var (line, text) in saved.Errors) error.WriteLine($"{path}:{line}: error: {text}");
        throw new ManifestException(ExitCode.ManifestInvalid, $"{path} has {saved.Errors.Count} error{(saved.Errors.Count == 1 ? "" : "s")}; nothing was written");
    }

    // Whole or not at all: it may replace a manifest that is in use.
    static void Save(string path, Action<TextWriter> write)
    {
        var draft = path + ".new";
        try
        {
            using (var writer = new StreamWriter(draft)) write(writer);
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ManifestException(ExitCode.Failed, $"cannot write {path}: {e.Message}");
        }
    }
}
