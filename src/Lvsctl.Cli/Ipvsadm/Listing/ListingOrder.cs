using System.Buffers.Binary;
using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Cli.Ipvsadm.Listing;

/// <summary>
/// ipvsadm's order: each part of the key is compared by the sign of a 32-bit difference, so 192.168.0.0 comes before 10.0.0.0. That is
/// no order in the mathematical sense (there are circles), so the result depends on the algorithm, too: glibc's qsort, a merge sort.
/// </summary>
static class ListingOrder
{
    public static ObservedService[] Sorted(IReadOnlyList<ObservedService> services)
    {
        var copy = services.ToArray();
        MergeSort(copy, new ObservedService[copy.Length], static (a, b) => Compare(a.Service.Key, b.Service.Key));
        return copy;
    }

    public static ObservedServer[] Sorted(IReadOnlyList<ObservedServer> servers)
    {
        var copy = servers.ToArray();
        MergeSort(copy, new ObservedServer[copy.Length], static (a, b) => Compare(a.Server.Key, b.Server.Key));
        return copy;
    }

    public static ReadOnlySpan<ServerRow> Sorted(ReadOnlySpan<ServerRow> servers)
    {
        var copy = servers.ToArray();
        MergeSort(copy, new ServerRow[copy.Length], static (a, b) => Compare(a.Key, b.Key));
        return copy;
    }

    static int Compare(ServiceKey a, ServiceKey b)
    {
        var difference = Difference(a.FirewallMark, b.FirewallMark);
        if (difference == 0) difference = (int)a.Family - (int)b.Family;
        if (difference == 0) difference = (int)a.Protocol - (int)b.Protocol;
        if (difference == 0) difference = Compare(a.Address, b.Address);
        return difference != 0 ? difference : a.Port - b.Port;
    }

    static int Compare(RealServerKey a, RealServerKey b)
    {
        var difference = Compare(a.Address, b.Address);
        return difference != 0 ? difference : a.Port - b.Port;
    }

    // Servers of one service may be of both families: then an IPv4 address counts as the first word of an IPv6 one, followed by zeros,
    // or, where it is the first of the two, by nothing.
    static int Compare(IPAddress a, IPAddress b)
    {
        Span<byte> left = stackalloc byte[16], right = stackalloc byte[16];
        a.TryWriteBytes(left, out var length);
        b.TryWriteBytes(right, out var other);
        right[other..].Clear();
        for (var at = 0; at < length; at += sizeof(uint))
        {
            var difference = Difference(BinaryPrimitives.ReadUInt32BigEndian(left[at..]), BinaryPrimitives.ReadUInt32BigEndian(right[at..]));
            if (difference != 0) return difference;
        }
        return 0;
    }

    static int Difference(uint a, uint b) => unchecked((int)(a - b));

    static void MergeSort<T>(Span<T> items, Span<T> room, Comparison<T> compare)
    {
        if (items.Length < 2) return;
        var half = items.Length / 2;
        MergeSort(items[..half], room, compare);
        MergeSort(items[half..], room, compare);

        items[..half].CopyTo(room);
        int left = 0, right = half, next = 0;
        while (left < half && right < items.Length) items[next++] = compare(room[left], items[right]) <= 0 ? room[left++] : items[right++];
        room[left..half].CopyTo(items[next..]);
    }
}
