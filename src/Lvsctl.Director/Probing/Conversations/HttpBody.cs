using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Health;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>What is wanted of a body, and what has come of it. Only a regular expression needs the body itself to be kept.</summary>
sealed class HttpBody
{
    // One for all servers of a check; it goes when the manifest's check goes.
    static readonly ConditionalWeakTable<BodyExpectation, Regex> s_patterns = [];

    readonly byte[]? _contains;
    readonly string? _matches;
    readonly Regex? _regex;
    readonly byte[]? _digest;
    readonly bool _weighs;

    Sought _sought;
    SpokenWeight _weight;
    IncrementalHash? _hash;
    byte[]? _kept;
    int _keptLength;
    long _length;

    public HttpBody(ProbeSpec.Http spec, bool weighs)
    {
        Most = spec.MaxBody;
        _weighs = weighs;
        _sought = new([]);
        if (spec.Body is not { } body) return;
        if (body.Contains is not null) _contains = Encoding.UTF8.GetBytes(body.Contains);
        _matches = body.Matches;
        // Linear time whatever a server sends.
        if (_matches is not null) _regex = s_patterns.GetValue(body, static b => new(b.Matches!, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        if (body.Sha256 is not null) _digest = Convert.FromHexString(body.Sha256);
        if (_contains is not null) _sought = new(_contains);
    }

    public int Most { get; }

    /// <summary>What is known decides; more would change nothing.</summary>
    public bool IsFull => _digest is null
        && (_length >= Most || _regex is null && (_contains is null || _sought.Found) && (!_weighs || _weight.Done));

    /// <summary>Null if none was asked for.</summary>
    public AgentWord? Word => _weighs ? _weight.Word : null;

    /// <summary>A part of a body has no digest that could be compared; the other expectations look at the part.</summary>
    public bool IsTooLong(long length) => _digest is not null && length > Most;

    public void Reset()
    {
        Forget();
        _sought.Reset();
        _weight.Reset();
        (_length, _keptLength) = (0, 0);
    }

    /// <summary>False: the body is too long to tell.</summary>
    public bool Read(ReadOnlySpan<byte> data)
    {
        if (IsTooLong(_length + data.Length)) return false;
        data = data[..(int)Math.Min(data.Length, Most - _length)];
        _length += data.Length;
        if (_contains is not null) _sought.In(data);
        if (_weighs) _weight.Hear(data);
        if (_regex is not null) Pool.Append(ref _kept, ref _keptLength, data);
        if (_digest is not null) (_hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256)).AppendData(data);
        return true;
    }

    public string? Complaint()
    {
        if (_contains is not null && !_sought.Found)
        {
            return _length >= Most ? $"the body's first {Most} bytes do not contain {Evidence.Wish(_contains)}" : $"body does not contain {Evidence.Wish(_contains)}";
        }
        if (_regex is not null && !Matches(_regex)) return $"body does not match {Evidence.Wish(_matches!)}";
        if (_digest is not null && !HasDigest(_digest)) return $"body of {_length} bytes has another digest";
        return null;
    }

    public void Forget()
    {
        if (_kept is not null) ArrayPool<byte>.Shared.Return(_kept);
        _kept = null;
        _hash?.Dispose();
        _hash = null;
    }

    bool Matches(Regex regex)
    {
        // UTF-8 never has more characters than bytes.
        var text = ArrayPool<char>.Shared.Rent(Math.Max(1, _keptLength));
        try
        {
            return regex.IsMatch(text.AsSpan(0, Encoding.UTF8.GetChars(_kept.AsSpan(0, _keptLength), text)));
        }
        finally
        {
            ArrayPool<char>.Shared.Return(text);
        }
    }

    bool HasDigest(ReadOnlySpan<byte> wanted)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (_hash is null) SHA256.HashData([], digest);
        else _hash.GetHashAndReset(digest);
        return digest.SequenceEqual(wanted);
    }
}
