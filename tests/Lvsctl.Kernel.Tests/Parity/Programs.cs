namespace Lvsctl.Kernel.Tests.Parity;

/// <summary>Folders in which ipvsadm, ipvsadm-save and ipvsadm-restore are found.</summary>
static class Programs
{
    /// <summary>Debian's.</summary>
    public const string OfIpvsadm = "/usr/sbin";

    /// <summary>lvsctl by those names, in a folder below the given one.</summary>
    public static string OfLvsctl(string folder)
    {
        var programs = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
        foreach (var name in (string[])["ipvsadm", "ipvsadm-save", "ipvsadm-restore"]) File.CreateSymbolicLink(Path.Combine(programs, name), Lab.Program.Path);
        return programs;
    }
}
