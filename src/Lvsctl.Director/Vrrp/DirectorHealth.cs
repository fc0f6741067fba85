using System.Globalization;
using Lvsctl.Core.Cluster;
using Lvsctl.Director.Control;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// How the director on this host is, as far as VRRP is concerned. Memory and processors are the host's, by the kernel's word; the rest is
/// what <c>lvsctl run</c> says at its control socket. A director that does not answer is no reason to move addresses: the kernel goes on
/// forwarding, and what was known last counts.
/// </summary>
/// <param name="ask">What the director says of itself; null: it does not answer.</param>
/// <param name="proc">Where the kernel tells of itself.</param>
sealed class DirectorHealth(Func<InfoDocument?> ask, string proc = "/proc")
{
    // Of all memory.
    const double LeastFree = 0.03;

    // Percent of the last minute in which something waited for a processor (PSI).
    const double MostWaiting = 95;

    // Behind its schedule by more than this, a director takes servers out noticeably later than its manifest says.
    static readonly TimeSpan s_mostLate = TimeSpan.FromSeconds(1);

    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    InfoDocument? _last;

    /// <param name="socket">The director's control socket.</param>
    public static DirectorHealth At(string socket) => new(() => Ask(socket));

    /// <summary>Null: nothing is known yet.</summary>
    public bool? Look(ValueList<DirectorTrouble> troubles)
    {
        if (troubles.AsEnumerable().Any(t => t is DirectorTrouble.LateProbes or DirectorTrouble.Quorum)) _last = ask() ?? _last;
        bool? isWell = true;
        foreach (var trouble in troubles)
        {
            bool? one = trouble switch
            {
                DirectorTrouble.Memory => HasMemory(),
                DirectorTrouble.Cpu => HasProcessor(),
                DirectorTrouble.Quorum => _last is null ? null : _last.AnyQuorum is not false,
                _ => _last is null ? null : _last.ProbesLate <= s_mostLate.TotalSeconds,
            };
            if (one == false) return false;
            if (one is null) isWell = null;
        }
        return isWell;
    }

    bool HasMemory()
    {
        try
        {
            long total = 0, free = 0;
            foreach (var line in File.ReadLines($"{proc}/meminfo"))
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

    bool HasProcessor()
    {
        try
        {
            // some avg10=0.00 avg60=0.00 avg300=0.00 total=0
            var field = File.ReadLines($"{proc}/pressure/cpu").First().Split(' ').First(f => f.StartsWith("avg60=", StringComparison.Ordinal));
            return double.Parse(field.AsSpan(6), CultureInfo.InvariantCulture) < MostWaiting;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            // A kernel without pressure information.
            return true;
        }
    }

    static InfoDocument? Ask(string socket)
    {
        try
        {
            using var client = ControlClient.TryConnect(socket);
            if (client is null) return null;
            using var patience = new CancellationTokenSource(s_patience);
            return client.GetAsync(DirectorRoutes.Info, ControlJson.Default.InfoDocument, patience.Token).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is ControlException or OperationCanceledException)
        {
            return null;
        }
    }
}
