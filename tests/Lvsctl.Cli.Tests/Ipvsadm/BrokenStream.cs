using Lvsctl.Linux.Interop;

namespace Lvsctl.Cli.Tests.Ipvsadm;

/// <summary>A descriptor on which every read and write fails.</summary>
sealed class BrokenStream(Errno errno) : MemoryStream
{
    public override int Read(byte[] buffer, int offset, int count) => throw Failure();

    public override int Read(Span<byte> buffer) => throw Failure();

    public override void Write(byte[] buffer, int offset, int count) => throw Failure();

    public override void Write(ReadOnlySpan<byte> buffer) => throw Failure();

    public override void CopyTo(Stream destination, int bufferSize) => throw Failure();

    IOException Failure() => new(errno.Words(), (int)errno);
}
