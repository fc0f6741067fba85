using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Interop;

// termios(3), as glibc and musl lay it out: four words of flags, the line discipline, the characters, the speeds.
static unsafe partial class LibC
{
    public const int NCCS = 32;
    public const uint ECHO = 0x8;
    public const uint ICANON = 0x2;
    public const int VTIME = 5;
    public const int VMIN = 6;
    public const int VSUSP = 10;
    public const byte _POSIX_VDISABLE = 0;
    public const int TCSAFLUSH = 2;

    [StructLayout(LayoutKind.Sequential)]
    public struct termios
    {
        public uint c_iflag;
        public uint c_oflag;
        public uint c_cflag;
        public uint c_lflag;
        public byte c_line;
        public fixed byte c_cc[NCCS];
        public uint c_ispeed;
        public uint c_ospeed;
    }

    public const nuint TIOCGWINSZ = 0x5413;

    [StructLayout(LayoutKind.Sequential)]
    public struct winsize
    {
        public ushort ws_row;
        public ushort ws_col;
        public ushort ws_xpixel;
        public ushort ws_ypixel;
    }

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(int fd, nuint request, winsize* size);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int tcgetattr(int fd, termios* settings);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int tcsetattr(int fd, int when, termios* settings);
}
