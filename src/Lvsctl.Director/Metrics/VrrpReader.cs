using Lvsctl.Core.Cluster;
using Lvsctl.Director.Vrrp;

namespace Lvsctl.Director.Metrics;

/// <summary>What the VRRP process says of itself, once for all who look at about the same time. One that does not answer keeps nobody waiting for long.</summary>
sealed class VrrpReader(VrrpSurroundings vrrp, TimeProvider clock)
{
    static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);
    static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    readonly Lock _one = new();
    Task<VrrpStatusDocument?>? _last;
    long _at;

    /// <summary>Null: it has nothing to do here, and is not there.</summary>
    public async Task<VrrpMetrics?> ReadAsync(ClusterSpec cluster)
    {
        Task<VrrpStatusDocument?> last;
        lock (_one)
        {
            // Who is being waited for is not asked again.
            var isOver = _last is null || _last.IsCompleted && clock.GetElapsedTime(_at) >= s_fresh;
            if (isOver) (_last, _at) = (Task.Run(vrrp.Process.Status), clock.GetTimestamp());
            last = _last!;
        }
        VrrpStatusDocument? status = null;
        try
        {
            status = await last.WaitAsync(s_patience, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // As good as none.
        }
        return status is not null || IsWanted(cluster) ? new VrrpMetrics(status) : null;
    }

    bool IsWanted(ClusterSpec cluster)
    {
        try
        {
            return vrrp.HasPart(cluster);
        }
        catch (VrrpException)
        {
            // Somebody wanted something.
            return true;
        }
    }
}
