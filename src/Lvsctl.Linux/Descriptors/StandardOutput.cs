using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Descriptors;

public static unsafe class StandardOutput
{
    const int Output = 1;

    /// <summary>Whoever read it has gone: the other end of the pipe is closed, or the terminal is. .NET writes on without a word then.</summary>
    public static bool IsAbandoned
    {
        get
        {
            var end = new pollfd { fd = Output };
            return poll(&end, 1, 0) > 0 && (end.revents & (POLLERR | POLLHUP)) != 0;
        }
    }
}
