using System.Runtime.InteropServices;
using Lvsctl.Manifests.Codes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lvsctl.Manifests.Yaml;

/// <summary>
/// Makes nodes of the parser's events, each with its place; resolves aliases and merge keys; refuses what would cost too much. A file
/// that is no YAML yields one message; mistakes that leave the rest readable yield as many as there are.
/// </summary>
sealed class Composer
{
    readonly Parser _parser;
    readonly int _file;
    readonly Report _report;
    readonly StringCache _strings;
    readonly Dictionary<string, Node> _anchors = [];
    readonly List<Entry> _entries = [];
    readonly List<Node> _items = [];
    Tidying _tidying = Tidying.Start();
    int _values;

    Composer(TextReader text, int file, Report report, StringCache strings)
    {
        _parser = new Parser(new Scanner(text, skipComments: true));
        _file = file;
        _report = report;
        _strings = strings;
    }

    /// <summary>The one document of a file, or null if there is none that could be read.</summary>
    public static Node? Compose(TextReader text, int file, Report report, StringCache strings)
    {
        var composer = new Composer(text, file, report, strings);
        try
        {
            return composer.Document();
        }
        catch (TooMuchException e)
        {
            report.Add(Code.TooMuch, e.Place, e.Message);
        }
        catch (YamlException e)
        {
            report.Add(Code.Syntax, composer.At(e.Start), Describe(e));
        }
        return null;
    }

    // "While parsing a block mapping,  did not find expected key."
    static string Describe(YamlException e)
    {
        var message = Wording.Excerpt(e.Message.Replace("  ", " ").TrimEnd('.'), longest: 200);
        return message.Length == 0 ? "this is no YAML" : $"this is no YAML: {char.ToLowerInvariant(message[0])}{message[1..]}";
    }

    Node? Document()
    {
        Next();     // to the start of the stream
        if (Next() is StreamEnd)
        {
            _report.Add(Code.Empty, Place.WholeFile(_file), "there is nothing in this file but white space and comments");
            return null;
        }
        Next();
        var root = Value(0);
        Next();     // to the end of the document
        if (Next() is not StreamEnd)
        {
            _report.Add(Code.SeveralDocuments, At(_parser.Current!.Start), "a second document starts here; write it into a file of its own");
            return null;
        }
        return root;
    }

    ParsingEvent Next()
    {
        var last = _parser.Current?.End ?? Mark.Empty;
        try
        {
            return _parser.MoveNext() ? _parser.Current! : throw new YamlException(last, last, "the text ends in the middle");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The parser's own mistakes: a plain scalar at which it loses count, a tag of which it cannot make a URI.
            throw new YamlException(last, last, "the text cannot be understood after this");
        }
    }

    Node Value(int depth)
    {
        var at = _parser.Current!;
        if (at is AnchorAlias alias) return Alias(alias);
        Count(at);
        if (depth > Limits.Depth) throw new TooMuchException(At(at.Start), $"nested more than {Limits.Depth} levels deep");

        // Seen after a key whose value never came.
        if (at is not NodeEvent node) throw new YamlException(at.Start, at.End, "a value is missing");
        var anchor = node.Anchor;
        var isPlain = at is not Scalar { Style: not ScalarStyle.Plain };
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
        {
            _report.AddBroken(Code.Unsupported, At(at.Start), $"the tag {Wording.Excerpt(node.Tag.Value.Replace("tag:yaml.org,2002:", "!!"))} means nothing here; leave it out");
        }
        Node made = at switch
        {
            Scalar scalar => new ScalarNode(At(scalar.Start), _strings.Share(scalar.Value), isPlain),
            SequenceStart => List(depth),
            _ => Map(depth),
        };
        if (!anchor.IsEmpty) _anchors[anchor.Value] = made;
        return made;
    }

    void Count(ParsingEvent value)
    {
        if (++_values > Limits.Values) throw TooManyValues(value.Start);
        if (_values % 8192 == 0) _tidying.Tidy();
    }

    Node Alias(AnchorAlias alias)
    {
        var place = At(alias.Start);
        if (!_anchors.TryGetValue(alias.Value.Value, out var node))
        {
            _report.AddBroken(Code.BadAlias, place,
                $"no anchor &{Wording.Excerpt(alias.Value.Value)} is complete before this point{Wording.DidYouMean(alias.Value.Value, _anchors.Keys)}");
            return new ScalarNode(place, "", isPlain: true);
        }
        _values = (int)Math.Min(int.MaxValue, (long)_values + node.Size);
        return _values <= Limits.Values ? node : throw TooManyValues(alias.Start);
    }

    ListNode List(int depth)
    {
        var place = At(_parser.Current!.Start);
        var first = _items.Count;
        var size = 1L;
        while (Next() is not SequenceEnd)
        {
            var item = Value(depth + 1);
            size += item.Size;
            _items.Add(item);
        }
        var items = CollectionsMarshal.AsSpan(_items)[first..].ToArray();
        _items.RemoveRange(first, items.Length);
        return new(place, items, (int)Math.Min(int.MaxValue, size));
    }

    MapNode Map(int depth)
    {
        var place = At(_parser.Current!.Start);
        var first = _entries.Count;
        var size = 1L;
        while (Next() is not MappingEnd)
        {
            var keyPlace = At(_parser.Current!.Start);
            var key = Value(depth + 1) as ScalarNode;
            if (key is null) _report.Add(Code.Unsupported, keyPlace, "a key is a word, not a list or a map");
            Next();
            size += 2;
            if (_parser.Current is Scalar { Style: ScalarStyle.Plain, Anchor.IsEmpty: true, Tag.IsEmpty: true } word && key is not null)
            {
                Count(word);
                _entries.Add(new(key.Text, keyPlace, _strings.Share(word.Value), At(word.Start)));
                continue;
            }
            var value = Value(depth + 1);
            size += value.Size - 1;
            if (key is not null) _entries.Add(new(key.Text, keyPlace, value));
        }
        var own = MapEntries.Settle(CollectionsMarshal.AsSpan(_entries)[first..], _report);
        _entries.RemoveRange(first, _entries.Count - first);
        return new(place, own, (int)Math.Min(int.MaxValue, size));
    }

    Place At(in Mark mark) => new(_file, Math.Max(1, mark.Line), Math.Max(1, mark.Column));

    TooMuchException TooManyValues(in Mark mark) =>
        new(At(mark), $"more than {Limits.Values} values, counting those that aliases repeat");

    sealed class TooMuchException(Place place, string message) : Exception(message)
    {
        public Place Place { get; } = place;
    }
}
