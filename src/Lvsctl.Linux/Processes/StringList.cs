using System.Runtime.InteropServices;

namespace Lvsctl.Linux.Processes;

/// <summary><c>char *const argv[]</c></summary>
sealed unsafe class StringList : IDisposable
{
    readonly byte** _pointers;
    readonly int _count;

    public StringList(IReadOnlyList<string> strings)
    {
        _count = strings.Count;
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (var i = 0; i < _count; i++) _pointers[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
    }

    public byte** Pointer => _pointers;

    public byte* First => _pointers[0];

    public void Dispose()
    {
        for (var i = 0; i < _count; i++) Marshal.FreeCoTaskMem((nint)_pointers[i]);
        NativeMemory.Free(_pointers);
    }
}
