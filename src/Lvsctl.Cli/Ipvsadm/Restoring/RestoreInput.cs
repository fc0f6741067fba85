using System.Runtime.InteropServices;
using System.Text;

namespace Lvsctl.Cli.Ipvsadm.Restoring;

/// <summary>
/// The lines of a restore, taken apart into words at blanks: no quotes, no comments. A word <c>ipvsadm</c> is left out wherever it is, so
/// that saved shell scripts can be read.
/// </summary>
sealed class RestoreInput
{
    /// <summary>Longer words are cut into several, as ipvsadm's reader does.</summary>
    const int MaxWordBytes = 4096;

    static readonly byte[] Blanks = " \t\r\n"u8.ToArray();

    readonly Stream _input;
    byte[] _buffer;
    int _start;
    int _end;
    bool _ended;

    public RestoreInput(Stream input)
    {
        _input = input;
        _buffer = new byte[64 * 1024];
    }

    /// <summary>All of it is here.</summary>
    public RestoreInput(byte[] whole, int length)
    {
        _input = Stream.Null;
        _buffer = whole;
        _end = length;
        _ended = true;
    }

    // The words of this line and of the one before. Most lines repeat most of their neighbour, word for word.
    List<string> _words = [];
    List<string> _before = [];

    /// <summary>Of the line that was read last, until the next one is.</summary>
    public ReadOnlySpan<string> Words => CollectionsMarshal.AsSpan(_words);

    /// <summary>The next line is there without waiting for more input.</summary>
    public bool HasLine => _buffer.AsSpan(_start, _end - _start).Contains((byte)'\n');

    /// <summary>False at the end of the input.</summary>
    public bool Read()
    {
        (_words, _before) = (_before, _words);
        _words.Clear();
        while (true)
        {
            var waiting = _buffer.AsSpan(_start, _end - _start);
            var end = waiting.IndexOf((byte)'\n');
            if (end >= 0 || _ended)
            {
                if (_ended && waiting.IsEmpty) return false;
                Split(end < 0 ? waiting : waiting[..end]);
                _start += end < 0 ? waiting.Length : end + 1;
                return true;
            }
            Fill();
        }
    }

    void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        _end -= _start;
        _start = 0;
        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        var count = ReadInput();
        _ended = count == 0;
        _end += count;
    }

    // What cannot be read has ended, as for ipvsadm.
    int ReadInput()
    {
        try
        {
            return _input.Read(_buffer, _end, _buffer.Length - _end);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    void Split(ReadOnlySpan<byte> line)
    {
        while (true)
        {
            var begin = line.IndexOfAnyExcept(Blanks);
            if (begin < 0) return;
            line = line[begin..];
            var length = line.IndexOfAny(Blanks);
            if (length < 0) length = line.Length;
            length = Math.Min(length, MaxWordBytes);
            Add(line[..length]);
            line = line[length..];
        }
    }

    void Add(ReadOnlySpan<byte> word)
    {
        var nul = word.IndexOf((byte)0);
        if (nul >= 0) word = word[..nul];
        if (word.SequenceEqual("ipvsadm"u8)) return;
        var at = _words.Count;
        _words.Add(at < _before.Count && Ascii.Equals(word, _before[at]) ? _before[at] : Encoding.UTF8.GetString(word));
    }
}
