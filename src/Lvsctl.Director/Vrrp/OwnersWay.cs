using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// An owner (priority 255) speaks from the very address that its stand-in has while it is away, and Linux drops what comes from an address of
/// its own: the stand-in would never hear that the owner is back, and both would be master. net.ipv4.conf.DEVICE.accept_local lets it in. IPv6
/// knows no such rule.
/// </summary>
sealed class OwnersWay
{
    readonly HashSet<string> _seen = [];
    readonly List<string> _opened = [];

    /// <summary>This host may stand in for an owner.</summary>
    /// <param name="heard">Priority in an advert; null: there was none, and the manifest counts alone.</param>
    public static bool IsNeeded(RouterPart part, byte? heard) =>
        part.Family == IpFamily.IPv4 && part.Priority != VrrpAdvertisement.PriorityOwner
        && (heard == VrrpAdvertisement.PriorityOwner || part.Spec.Priorities.AsEnumerable().Any(p => p.Priority == VrrpAdvertisement.PriorityOwner));

    /// <returns>Why it cannot be; null: it is open.</returns>
    public string? Open(string device)
    {
        if (!_seen.Add(device)) return null;
        var setting = Setting(device);
        try
        {
            if (!File.ReadAllText(setting).StartsWith('0')) return null;
            File.WriteAllText(setting, "1");
            _opened.Add(setting);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"net.ipv4.conf.{device}.accept_local cannot be set to 1, so the owner is not heard when it comes back while this host has its address: {e.Message}";
        }
    }

    /// <summary>As it was.</summary>
    public void Close()
    {
        foreach (var setting in _opened)
        {
            try
            {
                File.WriteAllText(setting, "0");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The device is gone, and the setting with it.
            }
        }
        _opened.Clear();
    }

    static string Setting(string device) => $"/proc/sys/net/ipv4/conf/{device}/accept_local";
}
