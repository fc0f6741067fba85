namespace Lvsctl.Kernel.Tests.Vrrp;

/// <summary>Two lvsctl on a segment; the first is master, and the second hears it.</summary>
static class Pair
{
    public const string Router = "interval: 100ms\naddresses: 10.1.8.100/24\n";

    /// <param name="only1">Further keys of the first one's router.</param>
    public static (LvsctlVrrp First, LvsctlVrrp Second) Start(Segment segment, string router = Router, string only1 = "", string address = Segment.Vip) =>
        StartWith(segment, $"{router}priority: 200\n{only1}", $"{router}priority: 100\n", address);

    public static (LvsctlVrrp First, LvsctlVrrp Second) StartWith(Segment segment, string router1, string router2, string address = Segment.Vip)
    {
        var (first, second) = (segment.Lvsctl(1, router1), segment.Lvsctl(2, router2));
        first.Start();
        segment.WaitForOwner(1, address);
        second.Start();
        segment.Wait(() => second.TryLook()?.Master is not null, "the second to hear the first");
        return (first, second);
    }
}
