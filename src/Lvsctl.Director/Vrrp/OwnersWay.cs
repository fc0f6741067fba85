using Lvsctl.Core.Model;
using Lvsctl.Core.Vrrp;
using Lvsctl.Director.State;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// An owner (priority 255) speaks from the very address that its stand-in has while it is away, and Linux drops what comes from an address of
/// its own: the stand-in would never hear that the owner is back, and both would be master. net.ipv4.conf.DEVICE.accept_local lets it in. IPv6
/// knows no such rule. Which devices it was set for is on disk, so that whoever comes after a process that was killed sets it back.
/// </summary>
/// <param name="path">Of the note: the boot that it was written in, and a device a line.</param>
/// <param name="boot">Of the kernel that runs (random/boot_id): another one knows nothing of an old note.</param>
sealed class OwnersWay(string path, string boot)
{
    const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    readonly HashSet<string> _seen = [];
    readonly HashSet<string> _opened = [];

    /// <summary>This host may stand in for an owner.</summary>
    /// <param name="heard">Priority in an advert; null: there was none, and the manifest counts alone.</param>
    public static bool IsNeeded(RouterPart part, byte? heard) =>
        part.Family == IpFamily.IPv4 && part.Priority != VrrpAdvertisement.PriorityOwner
        && (heard == VrrpAdvertisement.PriorityOwner || part.Spec.Priorities.AsEnumerable().Any(p => p.Priority == VrrpAdvertisement.PriorityOwner));

    /// <summary>It has not been looked at yet.</summary>
    public bool IsNew(string device) => !_seen.Contains(device);

    /// <returns>Why it cannot be; null: it is open.</returns>
    public string? Open(string device)
    {
        _seen.Add(device);
        var setting = Setting(device);
        try
        {
            if (!File.ReadAllText(setting).StartsWith('0')) return null;
            File.WriteAllText(setting, "1");
            lock (_opened) _opened.Add(device);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"net.ipv4.conf.{device}.accept_local cannot be set to 1, so the owner is not heard when it comes back while this host has its address: {e.Message}";
        }
    }

    /// <summary>What an earlier process left open is to be closed by this one.</summary>
    public void Inherit()
    {
        try
        {
            if (File.Exists(path) && File.ReadAllLines(path) is [var when, .. var devices] && when == boot) _opened.UnionWith(devices);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it stays open, as if it had always been.
        }
    }

    /// <summary>For whoever comes after us. From any thread but the loop's.</summary>
    public void Note()
    {
        try
        {
            string text;
            lock (_opened) text = string.Join('\n', [boot, .. _opened]);
            AtomicFile.Write(path, Mode, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As above.
        }
    }

    /// <summary>As it was.</summary>
    public void Close()
    {
        foreach (var device in _opened)
        {
            try
            {
                File.WriteAllText(Setting(device), "0");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The device is gone, and the setting with it.
            }
        }
        lock (_opened) _opened.Clear();
    }

    static string Setting(string device) => $"/proc/sys/net/ipv4/conf/{device}/accept_local";
}
