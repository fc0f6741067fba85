namespace Lvsctl.Director.State;

/// <summary>Waits by a clock, which in a test is not the wall's.</summary>
public static class ClockPause
{
    public static void Pause(this TimeProvider clock, TimeSpan time) => Task.Delay(time, clock).GetAwaiter().GetResult();
}
