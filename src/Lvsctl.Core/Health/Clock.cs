using Lvsctl.Core.Model;

namespace Lvsctl.Core.Health;

/// <summary>One moment on both clocks. Intervals go by the monotonic one; the wall's is for people, for files and for nothing else.</summary>
readonly record struct Clock(TimeSpan Now, DateTimeOffset Wall)
{
    public DateTimeOffset ToWall(TimeSpan moment) => Wall + (moment - Now);

    /// <summary>The moment of the monotonic clock, if its age is one to be believed.</summary>
    public TimeSpan? Believe(DateTimeOffset? wall, TimeSpan maxAge) =>
        Wall - wall is { } age && age >= TimeSpan.Zero && age <= maxAge ? Now - age : null;

    public string Text(TimeSpan moment) => TimeText.Of(ToWall(moment));
}
