using System.Globalization;

namespace Lvsctl.Core.Model;

/// <summary>Wall time for people and for programs: <c>2026-11-22T09:00:00Z</c>.</summary>
public static class TimeText
{
    public static string Of(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
