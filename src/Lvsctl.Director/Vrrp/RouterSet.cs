using Lvsctl.Core.Vrrp;

namespace Lvsctl.Director.Vrrp;

/// <summary>Routers that are driven together.</summary>
sealed class RouterSet
{
    public RouterSet(IReadOnlyList<RouterRun> runs)
    {
        Runs = runs;
        Elections = new([.. runs.Select(r => (r.Election, r.Part.Spec.SyncGroup))]);
    }

    public IReadOnlyList<RouterRun> Runs { get; }

    public VirtualRouters Elections { get; }

    public bool HasStopped
    {
        get
        {
            foreach (var run in Runs)
            {
                if (run.Election.State != VrrpState.Initialize) return false;
            }
            return true;
        }
    }

    public int IndexOf(RouterRun run)
    {
        for (var i = 0; i < Runs.Count; i++)
        {
            if (ReferenceEquals(Runs[i], run)) return i;
        }
        return -1;
    }
}
