using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;
using Lvsctl.Director.Status;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// How the director on this host is, as far as VRRP is concerned. Memory and processors are the host's, by the kernel's word; the rest is
/// what <c>lvsctl run</c> says at its control socket. A director that does not answer is no reason to move addresses: the kernel goes on
/// forwarding, and what was known last counts.
/// </summary>
sealed class DirectorHealth(string socket)
{
    // Of all memory.
    const double LeastFree = 0.03;

    // Percent of the last minute in which something waited for a processor (PSI).
    const double MostWaiting = 95;

    bool? _hasQuorum;

    /// <summary>Null: nothing is known yet.</summary>
    public bool? Look(ValueList<DirectorTrouble> troubles)
    {
        bool? isWell = true;
        foreach (var trouble in troubles)
        {
            var one = trouble switch
            {
                DirectorTrouble.Memory => HasMemory(),
                DirectorTrouble.Cpu => HasProcessor(),
                DirectorTrouble.Quorum => HasQuorum(),
                _ => true,
            };
            if (one == false) return false;
            if (one is null) isWell = null;
        }
        return isWell;
    }

    static bool HasMemory()
    {
        try
        {
            long total = 0, free = 0;
            foreach (var line in File.ReadLines("/proc/meminfo"))
            {
                if (line.StartsWith("MemTotal:", StringComparison.Ordinal)) total = Kilobytes(line);
                if (line.StartsWith("MemAvailable:", StringComparison.Ordinal)) free = Kilobytes(line);
            }
            return total == 0 || free >= total * LeastFree;
        }
        catch (IOException)
        {
            return true;
        }

        static long Kilobytes(string line) => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    static bool HasProcessor()
    {
        try
        {
            // some avg10=0.00 avg60=0.00 avg300=0.00 total=0
            var field = File.ReadLines("/proc/pressure/cpu").First().Split(' ').First(f => f.StartsWith("avg60=", StringComparison.Ordinal));
            return double.Parse(field.AsSpan(6), CultureInfo.InvariantCulture) < MostWaiting;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            // A kernel without pressure information.
            return true;
        }
    }

    bool? HasQuorum()
    {
        try
        {
            using var client = ControlClient.TryConnect(socket);
            if (client is null) return _hasQuorum;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            var status = client.GetAsync(OperatorRoutes.Status, StatusJson.Default.StatusDocument, patience.Token).GetAwaiter().GetResult();
            return _hasQuorum = HasQuorum(status);
        }
        catch (Exception e) when (e is ControlException or OperationCanceledException)
        {
            return _hasQuorum;
        }
    }

    /// <summary>Some service of the manifest has its quorum, or there is none to have one.</summary>
    internal static bool HasQuorum(StatusDocument status)
    {
        var known = status.Services.Where(s => s.HasQuorum is not null).ToList();
        return known.Count == 0 || known.Exists(s => s.HasQuorum == true);
    }
}
