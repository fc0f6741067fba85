using Lvsctl.Core.Cluster;
using Lvsctl.Core.Model;
using Lvsctl.Core.Reconcile;
using Lvsctl.Core.Vrrp;
using Lvsctl.Linux.Interop;
using Lvsctl.Linux.Ipvs;
using Lvsctl.Linux.Netlink;

namespace Lvsctl.Director.Vrrp;

/// <summary>
/// The kernel's connection sync in step with a virtual router: the master tells of its connections, the backup takes them down. IPVS may be
/// busy with somebody's table for a while, so this is no business of the loop's.
/// </summary>
sealed class ConnectionSync(Func<IpvsClient> open) : IDisposable
{
    IpvsClient? _client;

    /// <returns>Why it could not be done, for people; null: it is so.</returns>
    public string? Turn(ConnectionSyncRole turn)
    {
        var spec = turn.Spec;
        var wanted = new SyncDaemon(turn.Role == VrrpState.Master ? SyncState.Master : SyncState.Backup, spec.Interface ?? turn.Interface)
        {
            SyncId = spec.Id ?? turn.Id,
            Group = spec.Group,
            Port = spec.Port,
            Ttl = spec.Ttl,
            MaxMessageLength = spec.MaxLength,
        };
        try
        {
            _client ??= open();
            // What is not there cannot be stopped, and that is all that can go wrong with it.
            var stops = new List<TableChange> { new TableChange.StopSyncDaemon(SyncState.Master), new TableChange.StopSyncDaemon(SyncState.Backup) };
            _client.Apply(stops);
            if (turn.Role == VrrpState.Initialize) return null;
            return _client.Apply([new TableChange.StartSyncDaemon(wanted)]) is [var failure, ..] ? failure.Error.Message : null;
        }
        catch (Exception e) when (e is IpvsException or NetlinkException)
        {
            _client?.Dispose();
            _client = null;
            return e.Message;
        }
    }

    public void Dispose() => _client?.Dispose();
}

/// <param name="Role">Master, Backup, or Initialize: neither any more.</param>
sealed record ConnectionSyncRole(string Router, string Interface, byte Id, ConnectionSyncSpec Spec, VrrpState Role);
