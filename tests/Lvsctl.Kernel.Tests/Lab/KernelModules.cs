namespace Lvsctl.Kernel.Tests.Lab;

static class KernelModules
{
    /// <summary>Takes IPVS out of the kernel. There must be no service left in any namespace.</summary>
    public static void Unload()
    {
        // The namespaces of earlier tests end in the background, and hold the modules until they have.
        for (var attempt = 0; Directory.Exists("/sys/module/ip_vs"); attempt++)
        {
            Assert.True(attempt < 100, "ip_vs cannot be unloaded: something still uses it");
            foreach (var module in Directory.GetDirectories("/sys/module", "ip_vs_*")) Command.Run("modprobe", "-r", Path.GetFileName(module));
            Command.Run("modprobe", "-r", "ip_vs");
            if (Directory.Exists("/sys/module/ip_vs")) Command.MustRun("sleep", "0.2");
        }
    }
}
