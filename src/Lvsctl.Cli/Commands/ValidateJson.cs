using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Lvsctl.Core.Model;
using Lvsctl.Manifests;

namespace Lvsctl.Cli.Commands;

static class ValidateJson
{
    /// <summary><c>{ "valid": …, "errors": N, "warnings": N, "diagnostics": [ { code, severity, file, line, column, text } ] }</c>.</summary>
    public static void Write(TextWriter output, ManifestResult result, bool isValid)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteBoolean("valid", isValid);
            writer.WriteNumber("errors", result.Errors.Count());
            writer.WriteNumber("warnings", result.Warnings.Count());
            writer.WriteStartArray("diagnostics");
            foreach (var diagnostic in result.Diagnostics) Write(writer, diagnostic);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        output.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    static void Write(Utf8JsonWriter writer, Diagnostic diagnostic)
    {
        writer.WriteStartObject();
        writer.WriteString("code", diagnostic.Code);
        writer.WriteString("severity", diagnostic.Severity == Severity.Error ? "error" : "warning");
        writer.WriteString("file", diagnostic.File);
        writer.WriteNumber("line", diagnostic.Line);
        writer.WriteNumber("column", diagnostic.Column);
        writer.WriteString("text", diagnostic.Text);
        writer.WriteEndObject();
    }
}
