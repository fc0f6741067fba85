using Lvsctl.Linux.Interop;
using static Lvsctl.Linux.Interop.LibC;

namespace Lvsctl.Linux.Terminals;

/// <summary>
/// Standard input as a keyboard: keys come one by one and are not echoed, until it is disposed. Ctrl-C is a signal still; Ctrl-Z does nothing,
/// since whoever owns the screen cannot leave it half way.
/// </summary>
public sealed unsafe class KeyTerminal : IDisposable
{
    const int Input = 0;

    readonly termios _before;
    bool _isDisposed;

    KeyTerminal(termios before) => _before = before;

    /// <summary>Null when standard input is no terminal.</summary>
    public static KeyTerminal? Open()
    {
        termios before;
        if (tcgetattr(Input, &before) != 0) return null;
        var keys = before;
        keys.c_lflag &= ~(ICANON | ECHO);
        keys.c_cc[VMIN] = 1;
        keys.c_cc[VTIME] = 0;
        keys.c_cc[VSUSP] = _POSIX_VDISABLE;
        return tcsetattr(Input, TCSAFLUSH, &keys) == 0 ? new(before) : null;
    }

    /// <summary>Columns and lines at this moment; 80 and 24 where the terminal does not say.</summary>
    public static (int Width, int Height) Size
    {
        get
        {
            winsize size;
            return ioctl(Input, TIOCGWINSZ, &size) == 0 && size is { ws_col: > 0, ws_row: > 0 } ? (size.ws_col, size.ws_row) : (80, 24);
        }
    }

    /// <summary>What has been pressed, as the terminal sends it; 0: nothing within the time. -1: nobody is there any more.</summary>
    public static int Read(Span<byte> keys, TimeSpan patience)
    {
        var wanted = new pollfd { fd = Input, events = POLLIN };
        // Interrupted by a signal is as good as nothing.
        if (poll(&wanted, 1, (int)patience.TotalMilliseconds) <= 0) return 0;
        if ((wanted.revents & POLLIN) == 0) return -1;
        fixed (byte* room = keys)
        {
            var read = (int)LibC.read(Input, room, (nuint)keys.Length);
            return read > 0 ? read : read < 0 && LastErrno == Errno.EINTR ? 0 : -1;
        }
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        var before = _before;
        _ = tcsetattr(Input, TCSAFLUSH, &before);
    }
}
