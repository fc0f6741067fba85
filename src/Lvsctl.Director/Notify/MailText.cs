using System.Globalization;
using System.Text;
using Lvsctl.Core.Cluster;
using Lvsctl.Core.Events;
using Lvsctl.Director.Events;

namespace Lvsctl.Director.Notify;

/// <summary>A mail about events: RFC 5322, in ASCII with the rest encoded (RFC 2045, RFC 2047).</summary>
static class MailText
{
    const int LongestSubject = 160;
    const int LongestPlainLine = 900;      // 998 at most
    const int Base64Line = 76;
    const int EncodedWordBytes = 39;       // "Subject: =?UTF-8?B?" + 52 + "?=" stays within 76 characters

    /// <summary>The same events have the same Message-ID, so that a mail that comes twice can be known again.</summary>
    public static string Of(NotifyTarget.Email spec, string cluster, IReadOnlyList<JournalEntry> events, DateTimeOffset now)
    {
        var body = Body(cluster, events);
        var isPlain = Ascii.IsValid(body) && body.Split("\r\n").All(l => l.Length <= LongestPlainLine);
        var mail = new StringBuilder();
        Header("Date", now.ToUniversalTime().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture));
        Header("From", $"<{spec.From}>");
        Header("To", string.Join(",\r\n ", spec.To.Select(t => $"<{t}>")));
        Header("Subject", Encoded(PlainLine.Of(spec.SubjectPrefix.TrimStart() + Subject(events), LongestSubject)));
        Header("Message-ID", string.Create(CultureInfo.InvariantCulture, $"<lvsctl.{events[0].Id}-{events[^1].Id}.{events[0].Time.ToUnixTimeMilliseconds()}@{Environment.MachineName}>"));
        Header("Auto-Submitted", "auto-generated");
        Header("MIME-Version", "1.0");
        Header("Content-Type", "text/plain; charset=utf-8");
        Header("Content-Transfer-Encoding", isPlain ? "7bit" : "base64");
        mail.Append("\r\n").Append(isPlain ? body : Base64(body));
        return mail.ToString();

        void Header(string name, string value) => mail.Append(name).Append(": ").Append(value).Append("\r\n");
    }

    // The worst stands for all.
    static string Subject(IReadOnlyList<JournalEntry> events)
    {
        var worst = events.MaxBy(e => e.Event.Kind.Level)!.Event.Text;
        return events.Count == 1 ? worst : string.Create(CultureInfo.InvariantCulture, $"{worst} (and {events.Count - 1} more)");
    }

    static string Body(string cluster, IReadOnlyList<JournalEntry> events)
    {
        var body = new StringBuilder();
        foreach (var entry in events)
        {
            body.Append(CultureInfo.InvariantCulture, $"{entry.TimeText}  {entry.Event.Kind.Id}\r\n  {PlainLine.Of(entry.Event.Text)}\r\n");
            if (events.Count > 1) continue;
            body.Append("\r\n");
            foreach (var field in entry.Event.Fields) body.Append(CultureInfo.InvariantCulture, $"  {field.Name}: {PlainLine.Of(field.ToString())}\r\n");
        }
        return body.Append(CultureInfo.InvariantCulture, $"\r\n-- \r\nlvsctl on {Environment.MachineName}, cluster {cluster}\r\n").ToString();
    }

    static string Base64(string body)
    {
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(body));
        var lines = new StringBuilder();
        for (var i = 0; i < text.Length; i += Base64Line) lines.Append(text.AsSpan(i, Math.Min(Base64Line, text.Length - i))).Append("\r\n");
        return lines.ToString();
    }

    static string Encoded(string text)
    {
        if (Ascii.IsValid(text)) return text;
        var words = new List<string>();
        var word = new List<byte>();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            var count = rune.EncodeToUtf8(bytes);
            if (word.Count + count > EncodedWordBytes) Close();
            word.AddRange(bytes[..count]);
        }
        Close();
        return string.Join("\r\n ", words);

        void Close()
        {
            words.Add($"=?UTF-8?B?{Convert.ToBase64String([.. word])}?=");
            word.Clear();
        }
    }
}
