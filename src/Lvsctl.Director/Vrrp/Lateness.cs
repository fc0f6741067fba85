namespace Lvsctl.Director.Vrrp;

/// <summary>How far behind their deadlines timers were served.</summary>
sealed class Lateness
{
    // Below it, it is the rounding of the wait.
    static readonly TimeSpan s_notable = TimeSpan.FromMilliseconds(5);

    public TimeSpan Worst { get; private set; }

    /// <summary>More than 5 ms behind.</summary>
    public long Notable { get; private set; }

    public long Served { get; private set; }

    public void Add(TimeSpan late)
    {
        Served++;
        if (late > s_notable) Notable++;
        if (late > Worst) Worst = late;
    }
}
