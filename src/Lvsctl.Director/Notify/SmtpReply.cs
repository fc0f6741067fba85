namespace Lvsctl.Director.Notify;

/// <summary>RFC 5321 section 4.2: a code, and the text of each of its lines.</summary>
readonly record struct SmtpReply(int Code, IReadOnlyList<string> Lines)
{
    const int MostSaid = 200;

    public bool IsGood => Code is >= 200 and < 400;

    /// <summary>It will not do to ask again.</summary>
    public bool IsPermanent => Code >= 500;

    public override string ToString() => PlainLine.Of($"{Code} {string.Join(' ', Lines)}", MostSaid);
}
