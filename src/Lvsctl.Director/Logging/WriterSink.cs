using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;

namespace Lvsctl.Director.Logging;

/// <summary>
/// Writes lines on a thread of its own: who reads them (a terminal that was stopped, a journal that hangs) may take for ever, and the director
/// does not wait for that. What there is no room for is counted.
/// </summary>
sealed class WriterSink : ILogEventSink
{
    const int MostWaiting = 10_000;
    const int MostTogether = 100;
    static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(2);

    readonly TextWriter _output;
    readonly Queue<LogEvent> _waiting = [];
    readonly Thread _writer;
    long _dropped;
    bool _isWriting;
    bool _isEnding;

    public WriterSink(TextWriter output, ITextFormatter lines)
    {
        (_output, Lines) = (output, lines);
        _writer = new Thread(WriteAll) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>Of what is written from now on.</summary>
    public ITextFormatter Lines { get; set; }

    public void Emit(LogEvent logEvent)
    {
        lock (_waiting)
        {
            if (_waiting.Count == MostWaiting)
            {
                _dropped++;
                return;
            }
            _waiting.Enqueue(logEvent);
            Monitor.PulseAll(_waiting);
        }
    }

    public void Flush()
    {
        lock (_waiting)
        {
            while (_waiting.Count > 0 || _isWriting)
            {
                if (!Monitor.Wait(_waiting, s_goodbye)) return;
            }
        }
    }

    void WriteAll()
    {
        var some = new List<LogEvent>(MostTogether);
        var text = new StringWriter();
        while (true)
        {
            long dropped;
            lock (_waiting)
            {
                _isWriting = false;
                Monitor.PulseAll(_waiting);
                while (_waiting.Count == 0)
                {
                    if (_isEnding) return;
                    Monitor.Wait(_waiting);
                }
                some.Clear();
                while (some.Count < MostTogether && _waiting.TryDequeue(out var next)) some.Add(next);
                (dropped, _dropped) = (_dropped, 0);
                _isWriting = true;
            }
            try
            {
                // Standard error is written by each call: one for all of them.
                text.GetStringBuilder().Clear();
                foreach (var each in some) Lines.Format(each, text);
                if (dropped > 0) text.WriteLine($"({dropped} lines were lost here: nobody read them in time; 'lvsctl events' has what happened)");
                _output.Write(text.GetStringBuilder());
                _output.Flush();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Nobody reads any more. The journal goes on.
            }
        }
    }

    /// <summary>After what was said is written. Not Dispose: a logger disposes of its sinks, and this one outlives several.</summary>
    public void Close()
    {
        Flush();
        lock (_waiting)
        {
            _isEnding = true;
            Monitor.PulseAll(_waiting);
        }
        _writer.Join(s_goodbye);
    }
}
