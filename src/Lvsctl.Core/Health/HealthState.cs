namespace Lvsctl.Core.Health;

public enum HealthState : byte
{
    /// <summary>Nothing is known that can be believed. A server that the kernel has stays as it is there; one that it has not stays out.</summary>
    Unknown,
    Up,
    Down,
}
