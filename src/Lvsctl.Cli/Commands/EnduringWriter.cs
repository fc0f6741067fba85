using System.Text;

namespace Lvsctl.Cli.Commands;

/// <summary>
/// Whoever listens may go away, or stay and no longer read (a terminal at Ctrl-S, a connection that the change has cut); what is said then
/// is lost, and nobody waits for him: another thread speaks.
/// </summary>
sealed class EnduringWriter : TextWriter
{
    // A plan of a hundred thousand steps has place; what is beyond it nobody reads.
    const int Most = 16 * 1024 * 1024;

    readonly TextWriter _listener;
    readonly TimeSpan _patience;
    readonly object _gate = new();
    StringBuilder _waiting = new();
    bool _isSpeaking;
    bool _hasLeft;
    long _taken;

    /// <param name="patience">How long <see cref="Flush"/> waits for a listener who takes nothing more.</param>
    public EnduringWriter(TextWriter listener, TimeSpan patience)
    {
        (_listener, _patience) = (listener, patience);
        // In the background: whatever it hangs in does not keep the process.
        new Thread(Speak) { IsBackground = true, Name = "lvsctl says" }.Start();
    }

    public override Encoding Encoding => _listener.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            if (_hasLeft || _waiting.Length + text.Length > Most) return;
            _waiting.Append(text);
            Monitor.PulseAll(_gate);
        }
    }

    public override void WriteLine(string? value) => Write($"{value}{CoreNewLine[0]}");

    /// <summary>All has been said, or the listener takes nothing any more.</summary>
    public override void Flush()
    {
        lock (_gate)
        {
            var taken = -1L;
            while (!_hasLeft && (_isSpeaking || _waiting.Length > 0) && taken != _taken)
            {
                taken = _taken;
                // Woken by what was taken, or by time; only time ends it.
                while (!_hasLeft && (_isSpeaking || _waiting.Length > 0) && taken == _taken && Monitor.Wait(_gate, _patience))
                {
                }
            }
        }
    }

    void Speak()
    {
        while (true)
        {
            StringBuilder text;
            lock (_gate)
            {
                while (_waiting.Length == 0) Monitor.Wait(_gate);
                (text, _waiting, _isSpeaking) = (_waiting, new(), true);
            }
            var hasLeft = false;
            foreach (var chunk in text.GetChunks())
            {
                try
                {
                    _listener.Write(chunk.Span);
                    _listener.Flush();
                }
                catch (Exception e) when (e is IOException or ObjectDisposedException)
                {
                    hasLeft = true;
                    break;
                }
                lock (_gate)
                {
                    _taken++;
                    Monitor.PulseAll(_gate);
                }
            }
            lock (_gate)
            {
                (_isSpeaking, _hasLeft) = (false, hasLeft);
                Monitor.PulseAll(_gate);
                if (hasLeft) return;
            }
        }
    }
}
