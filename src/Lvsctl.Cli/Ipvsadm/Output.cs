using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Lvsctl.Linux.Interop;

namespace Lvsctl.Cli.Ipvsadm;

/// <summary>
/// Text on its way to a stream, as UTF-8. When nobody reads any more, the rest is dropped: <c>lvsctl -Ln | head -1</c> is no error.
/// </summary>
sealed class Output(Stream stream) : IBufferWriter<byte>
{
    const int FlushAt = 32 * 1024;

    byte[] _buffer = new byte[FlushAt + 1024];
    int _length;
    bool _closed;

    /// <summary>Why not everything was written, as on a full disk. Null when all was, or when nobody reads any more.</summary>
    public IOException? Failure { get; private set; }

    /// <summary>Alignments are printf's: <c>{name,-28}</c> is <c>%-28s</c>.</summary>
    public void Write([InterpolatedStringHandlerArgument("")] ref Text text) => FlushWhenLong();

    public void WriteLine([InterpolatedStringHandlerArgument("")] ref Text text)
    {
        AppendByte((byte)'\n');
        FlushWhenLong();
    }

    public void Write(string text)
    {
        Append(text);
        FlushWhenLong();
    }

    public void WriteLine(string text)
    {
        Append(text);
        AppendByte((byte)'\n');
        FlushWhenLong();
    }

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => Reserve(Math.Max(sizeHint, 256));

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint)
    {
        Reserve(Math.Max(sizeHint, 256));
        return _buffer.AsMemory(_length);
    }

    void IBufferWriter<byte>.Advance(int count)
    {
        _length += count;
        FlushWhenLong();
    }

    public void Flush()
    {
        try
        {
            if (!_closed && _length != 0) stream.Write(_buffer, 0, _length);
        }
        catch (IOException failure)
        {
            _closed = true;
            if (failure.HResult != (int)Errno.EPIPE) Failure ??= failure;
        }
        _length = 0;
    }

    void FlushWhenLong()
    {
        if (_length >= FlushAt) Flush();
    }

    Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        return _buffer.AsSpan(_length);
    }

    void Append(ReadOnlySpan<char> text) => _length += Encoding.UTF8.GetBytes(text, Reserve(Encoding.UTF8.GetMaxByteCount(text.Length)));

    void AppendByte(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
    }

    // Blanks after what has been written since start, or before it, until it is |width| wide.
    void Pad(int start, int width)
    {
        var missing = Math.Abs(width) - (_length - start);
        if (missing <= 0) return;
        Reserve(missing);
        var written = _buffer.AsSpan(start, _length - start);
        if (width > 0) written.CopyTo(_buffer.AsSpan(start + missing));
        _buffer.AsSpan(width > 0 ? start : _length, missing).Fill((byte)' ');
        _length += missing;
    }

    /// <summary>What the compiler makes of <c>$"…"</c>: writes its parts straight into the buffer.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Text
    {
        readonly Output _output;

        public Text(int literalLength, int holes, Output output)
        {
            _ = literalLength + holes;
            _output = output;
        }

        public void AppendLiteral(string text) => _output.Append(text);

        public void AppendFormatted(string? text) => _output.Append(text);

        public void AppendFormatted(string? text, int alignment)
        {
            var start = _output._length;
            _output.Append(text);
            _output.Pad(start, alignment);
        }

        public void AppendFormatted<T>(T value)
            where T : IUtf8SpanFormattable => AppendFormatted(value, 0, null);

        public void AppendFormatted<T>(T value, string? format)
            where T : IUtf8SpanFormattable => AppendFormatted(value, 0, format);

        public void AppendFormatted<T>(T value, int alignment)
            where T : IUtf8SpanFormattable => AppendFormatted(value, alignment, null);

        // The longest number has 20 digits.
        public void AppendFormatted<T>(T value, int alignment, string? format)
            where T : IUtf8SpanFormattable
        {
            var start = _output._length;
            value.TryFormat(_output.Reserve(64), out var length, format, null);
            _output._length += length;
            _output.Pad(start, alignment);
        }
    }
}
