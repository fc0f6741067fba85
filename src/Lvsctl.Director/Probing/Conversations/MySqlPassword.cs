using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Lvsctl.Director.Probing.Conversations;

/// <summary>How MySQL is shown that we know a password without telling it.</summary>
static class MySqlPassword
{
    public const int NonceLength = 20;
    public const int Longest = SHA256.HashSizeInBytes;

    public static ReadOnlySpan<byte> Native => "mysql_native_password"u8;

    public static ReadOnlySpan<byte> CachingSha2 => "caching_sha2_password"u8;

    public static bool Knows(ReadOnlySpan<byte> method) => method.SequenceEqual(Native) || method.SequenceEqual(CachingSha2);

    /// <summary>Returns the answer's length; no password is an empty answer.</summary>
    public static int Answer(ReadOnlySpan<byte> method, ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce, Span<byte> answer)
    {
        if (password.IsEmpty) return 0;
        return method.SequenceEqual(CachingSha2) ? Sha2(password, nonce, answer) : Sha1(password, nonce, answer);
    }

    // SHA1(password) XOR SHA1(nonce + SHA1(SHA1(password)))
    // https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_authentication_methods_native_password_authentication.html
    [SuppressMessage("Security", "CA5350", Justification = "the protocol's choice")]
    static int Sha1(ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce, Span<byte> answer)
    {
        const int Size = SHA1.HashSizeInBytes;
        Span<byte> message = stackalloc byte[NonceLength + Size];
        nonce.CopyTo(message);
        SHA1.HashData(password, answer);
        SHA1.HashData(answer[..Size], message[NonceLength..]);
        Span<byte> mask = stackalloc byte[Size];
        SHA1.HashData(message, mask);
        for (var i = 0; i < Size; i++) answer[i] ^= mask[i];
        return Size;
    }

    // SHA256(password) XOR SHA256(SHA256(SHA256(password)) + nonce)
    // https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html
    static int Sha2(ReadOnlySpan<byte> password, ReadOnlySpan<byte> nonce, Span<byte> answer)
    {
        const int Size = SHA256.HashSizeInBytes;
        Span<byte> message = stackalloc byte[Size + NonceLength];
        nonce.CopyTo(message[Size..]);
        SHA256.HashData(password, answer);
        SHA256.HashData(answer[..Size], message);
        Span<byte> mask = stackalloc byte[Size];
        SHA256.HashData(message, mask);
        for (var i = 0; i < Size; i++) answer[i] ^= mask[i];
        return Size;
    }
}
