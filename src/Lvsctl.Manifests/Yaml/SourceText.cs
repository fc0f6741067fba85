using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Lvsctl.Manifests.Codes;

namespace Lvsctl.Manifests.Yaml;

/// <summary>From bytes to nodes, by way of everything that can be wrong with a file before its content matters.</summary>
static class SourceText
{
    static readonly SearchValues<byte> Unprintable = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127]);

    public static Node? Parse(ManifestSource source, Report report, StringCache strings)
    {
        var file = report.AddFile(source.Name);
        if (source.Bytes.Length > Limits.Bytes)
        {
            report.Add(Code.TooMuch, Place.WholeFile(file), $"larger than {Limits.Bytes / (1024 * 1024)} MiB");
            return null;
        }
        if (Refusal(source.Bytes.Span) is var (offset, what))
        {
            report.Add(Code.NotText, PlaceOf(offset, source.Bytes.Span, file), what);
            return null;
        }
        var tab = TabInIndentation(source.Bytes.Span);
        if (tab >= 0)
        {
            report.Add(Code.Tab, PlaceOf(tab, source.Bytes.Span, file), "a tab in the indentation; YAML wants spaces");
            return null;
        }
        using var text = new StreamReader(source.Open(), Encoding.UTF8, detectEncodingFromByteOrderMarks: true, bufferSize: 16 * 1024);
        return Composer.Compose(text, file, report, strings);
    }

    static (int Offset, string What)? Refusal(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
        {
            return (0, "this is UTF-16; a manifest is UTF-8");
        }
        var control = bytes.IndexOfAny(Unprintable);
        if (control >= 0) return (control, $"a control character (byte 0x{bytes[control]:x2}): this is no text file");
        if (Utf8.IsValid(bytes)) return null;

        var offset = 0;
        while (Rune.DecodeFromUtf8(bytes[offset..], out _, out var length) == OperationStatus.Done) offset += length;
        return (offset, $"byte 0x{bytes[offset]:x2} is not UTF-8");
    }

    // Only at the very start of a line that has something else on it: whatever follows other indentation can be part of a text.
    static int TabInIndentation(ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var tab = bytes[at..].IndexOf((byte)'\t');
            if (tab < 0) return -1;
            at += tab;
            var rest = bytes[at..].TrimStart(" \t"u8);
            if ((at == 0 || bytes[at - 1] == '\n') && !rest.IsEmpty && rest[0] is not ((byte)'\n' or (byte)'\r' or (byte)'#')) return at;
            at++;
        }
        return -1;
    }

    static Place PlaceOf(int offset, ReadOnlySpan<byte> bytes, int file)
    {
        var before = bytes[..offset];
        var column = before.Length - (before.LastIndexOf((byte)'\n') + 1);
        return new(file, before.Count((byte)'\n') + 1, column + 1);
    }
}
