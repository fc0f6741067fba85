namespace Lvsctl.Cli.Ipvsadm.Parsing;

enum Scan
{
    Found,
    End,
    UnknownOption,
    MissingArgument,
    UnwantedArgument,
}

/// <summary>
/// Takes a command line apart by popt's rules, as ipvsadm's users know them: options and other words in any order, clusters of short
/// ones (<c>-At10.0.0.1:80</c>), <c>=</c> before any argument, no abbreviations, everything after <c>--</c> a plain word.
/// </summary>
ref struct OptionScanner(ReadOnlySpan<string> words)
{
    readonly ReadOnlySpan<string> _words = words;
    int _next;
    bool _onlyPlainWords;

    // Of the word before _next, what a cluster has left: from this character on. 0 = not in a cluster.
    int _clusterAt;

    /// <summary>The words that are neither options nor their arguments, so far.</summary>
    public List<string>? PlainWords { get; private set; }

    /// <summary>The word that was read last; what complaints are about.</summary>
    public readonly string LastWord => _words[_next - 1];

    public Scan Next(out Switch found, out string? argument)
    {
        found = Switch.Unknown;
        argument = null;
        return _clusterAt != 0 || AdvanceToOption() ? ReadOption(out found, out argument) : Scan.End;
    }

    bool AdvanceToOption()
    {
        while (_next < _words.Length)
        {
            var word = _words[_next++];
            if (_onlyPlainWords || word.Length < 2 || word[0] != '-') (PlainWords ??= []).Add(word);
            else if (word == "--") _onlyPlainWords = true;
            else return true;
        }
        return false;
    }

    Scan ReadOption(out Switch found, out string? argument)
    {
        var word = LastWord;
        if (_clusterAt == 0 && word[1] == '-')
        {
            var equals = word.IndexOf('=', 2);
            found = Switches.Long(equals < 0 ? word.AsSpan(2) : word.AsSpan(2, equals - 2));
            return ReadArgument(found, equals < 0 ? null : word[(equals + 1)..], out argument);
        }

        var at = _clusterAt == 0 ? 1 : _clusterAt;
        found = Switches.Short(word[at]);
        var rest = word.AsSpan(at + 1);
        if (found == Switch.Unknown || found.Argument() != ArgumentNeed.None)
        {
            _clusterAt = 0;
            return ReadArgument(found, rest.IsEmpty ? null : rest[(rest[0] == '=' ? 1 : 0)..].ToString(), out argument);
        }

        _clusterAt = rest.IsEmpty ? 0 : at + 1;
        argument = null;
        return rest.StartsWith('=') ? Scan.UnwantedArgument : Scan.Found;
    }

    Scan ReadArgument(Switch found, string? attached, out string? argument)
    {
        argument = attached;
        if (found == Switch.Unknown) return Scan.UnknownOption;
        var need = found.Argument();
        if (need == ArgumentNeed.None) return attached is null ? Scan.Found : Scan.UnwantedArgument;
        if (attached is not null) return Scan.Found;
        if (_next == _words.Length) return need == ArgumentNeed.Optional ? Scan.Found : Scan.MissingArgument;
        if (need == ArgumentNeed.Required || !_words[_next].StartsWith('-')) argument = _words[_next++];
        return Scan.Found;
    }
}
