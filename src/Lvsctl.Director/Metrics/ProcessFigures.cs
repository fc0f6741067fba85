using System.Diagnostics;
using System.Globalization;

namespace Lvsctl.Director.Metrics;

/// <summary>What the process takes of the machine, by the names that all of Prometheus' clients use.</summary>
static class ProcessFigures
{
    static readonly double s_started = Started();

    public static void Write(MetricsText text)
    {
        text.Counter("process_cpu_seconds_total", "Processor time, user and system, in seconds.").Sample(Environment.CpuUsage.TotalTime.TotalSeconds);
        text.Gauge("process_start_time_seconds", "When the process began, in seconds since 1970.").Sample(s_started);
        if (Status() is { } status)
        {
            text.Gauge("process_resident_memory_bytes", "Memory that it holds.").Sample(status.Resident);
            text.Gauge("process_virtual_memory_bytes", "Addresses that it has laid out.").Sample(status.Virtual);
            text.Gauge("process_threads", "Threads of the operating system.").Sample(status.Threads);
        }
        text.Gauge("process_open_fds", "Open descriptors.").Sample(Directory.EnumerateFileSystemEntries("/proc/self/fd").Count());
        if (MostDescriptors() is { } most) text.Gauge("process_max_fds", "Descriptors that it may open.").Sample(most);
        text.Gauge("lvsctl_managed_heap_bytes", "Of the memory, what the runtime's heap holds.").Sample(GC.GetTotalMemory(forceFullCollection: false));
    }

    static double Started()
    {
        using var self = Process.GetCurrentProcess();
        return new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds() / 1000.0;
    }

    static (double Resident, double Virtual, double Threads)? Status()
    {
        double resident = 0, laidOut = 0, threads = 0;
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmRSS:", StringComparison.Ordinal)) resident = Number(line) * 1024;
            if (line.StartsWith("VmSize:", StringComparison.Ordinal)) laidOut = Number(line) * 1024;
            if (line.StartsWith("Threads:", StringComparison.Ordinal)) threads = Number(line);
        }
        return threads > 0 ? (resident, laidOut, threads) : null;
    }

    static double? MostDescriptors()
    {
        foreach (var line in File.ReadLines("/proc/self/limits"))
        {
            if (line.StartsWith("Max open files", StringComparison.Ordinal)) return Number(line["Max open files".Length..]);
        }
        return null;
    }

    // The first there is.
    static double Number(string line)
    {
        foreach (var word in line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (double.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
        }
        return 0;
    }
}
