namespace Lvsctl.Linux.Interop;

// read(2), write(2) and poll(2) on a descriptor that belongs to somebody else.
static unsafe class DescriptorCalls
{
    public static int Read(int descriptor, Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            while (true)
            {
                var count = LibC.read(descriptor, start, (nuint)buffer.Length);
                if (count >= 0) return (int)count;
                WaitOrThrow(descriptor, LibC.POLLIN);
            }
        }
    }

    public static void Write(int descriptor, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            for (var done = 0; done < data.Length;)
            {
                var count = LibC.write(descriptor, start + done, (nuint)(data.Length - done));
                if (count >= 0) done += (int)count;
                else WaitOrThrow(descriptor, LibC.POLLOUT);
            }
        }
    }

    // Whoever shares the descriptor may have made it non-blocking.
    static void WaitOrThrow(int descriptor, short events)
    {
        var errno = LibC.LastErrno;
        if (errno == Errno.EINTR) return;
        if (errno != Errno.EAGAIN) throw new IOException(errno.Words(), (int)errno);
        var poll = new LibC.pollfd { fd = descriptor, events = events };
        LibC.poll(&poll, 1, -1);
    }
}
