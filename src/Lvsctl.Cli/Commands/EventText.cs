using System.Buffers;
using System.Text;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;

namespace Lvsctl.Cli.Commands;

/// <summary>Events as they come: time, a mark where it is worse than information, words.</summary>
sealed class EventText(TextWriter output, bool colour, bool json)
{
    readonly ArrayBufferWriter<byte> _line = new();

    public void Write(JournalEntry entry)
    {
        if (json)
        {
            _line.ResetWrittenCount();
            entry.WriteTo(_line);
            output.WriteLine(Encoding.UTF8.GetString(_line.WrittenSpan));
            return;
        }
        var level = entry.Event.Kind.Level;
        // What others said goes into events, and none of it may move the cursor.
        var line = $"{entry.TimeText} {(level switch { EventLevel.Error => '!', EventLevel.Warning => '~', _ => ' ' })} {Plain(entry.Event.Text)}";
        output.WriteLine(!colour ? line : level switch
        {
            EventLevel.Error => Terminal.Red(line),
            EventLevel.Warning => Terminal.Yellow(line),
            _ => line,
        });
    }

    static string Plain(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)) : text;
}
