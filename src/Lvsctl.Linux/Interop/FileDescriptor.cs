using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Interop;

/// <summary>An open descriptor; closing is left to the finaliser at the latest, and never happens in the middle of a call that holds it.</summary>
sealed class FileDescriptor : SafeHandle
{
    public FileDescriptor(int descriptor)
        : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle == -1;

    public int Number => (int)handle;

    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
