using Lvsctl.Linux.Interop;

namespace Lvsctl.Linux.Descriptors;

/// <summary>
/// A standard descriptor as a stream. FileStream would write at an offset of its own when the descriptor is a file, and so overwrite what
/// the neighbours in <c>(lvsctl -Ln; date) &gt; file</c> write; and System.Console costs a third of the start-up time of a native lvsctl.
/// </summary>
public sealed class DescriptorStream(int descriptor) : Stream
{
    public static DescriptorStream StandardInput => new(0);

    public static DescriptorStream StandardOutput => new(1);

    public static DescriptorStream StandardError => new(2);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override int Read(Span<byte> buffer) => DescriptorCalls.Read(descriptor, buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <exception cref="IOException">Also when nobody reads the other end any more; its HResult is the errno.</exception>
    public override void Write(ReadOnlySpan<byte> buffer) => DescriptorCalls.Write(descriptor, buffer);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
