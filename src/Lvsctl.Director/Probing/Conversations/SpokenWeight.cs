using System.Runtime.CompilerServices;
using System.Text;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>Reads the first word of a text that comes bit by bit: the server's weight, if it is one.</summary>
struct SpokenWeight
{
    public const string Missing = "says no weight, though the check asks for one";

    Letters _letters;
    int _length;

    /// <summary>The word is over; nothing that follows changes it.</summary>
    public bool Done { get; private set; }

    public readonly AgentWord Word
    {
        get
        {
            if (_length > Letters.Count) return default;
            Span<char> text = stackalloc char[Letters.Count];
            return AgentWord.Read(text[..Encoding.Latin1.GetChars(((ReadOnlySpan<byte>)_letters)[.._length], text)]);
        }
    }

    public void Reset() => (_length, Done) = (0, false);

    public void Hear(ReadOnlySpan<byte> bytes)
    {
        foreach (var letter in bytes)
        {
            if (Done) return;
            if (letter is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)',' or (byte)';')
            {
                Done = _length > 0;
            }
            else
            {
                // Longer than any weight.
                if (_length == Letters.Count) (_length, Done) = (Letters.Count + 1, true);
                else _letters[_length++] = letter;
            }
        }
    }

    [InlineArray(Count)]
    struct Letters
    {
        public const int Count = 16;

        byte _first;
    }
}
