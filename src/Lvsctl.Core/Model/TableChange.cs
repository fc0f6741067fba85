namespace Lvsctl.Core.Model;

/// <summary>
/// One message to the kernel. What a command line asks for and what a plan holds are lists of these; applying them is the only way
/// anything in lvsctl writes IPVS.
/// </summary>
public abstract record TableChange
{
    TableChange()
    {
    }

    public sealed record AddService(VirtualService Service) : TableChange;

    /// <summary>Replaces the configuration. Flags outside <paramref name="FlagsMask"/> stay as they are; a persistence engine that is not given goes.</summary>
    public sealed record SetService(VirtualService Service, ServiceFlags FlagsMask = (ServiceFlags)uint.MaxValue) : TableChange;

    public sealed record RemoveService(ServiceKey Service) : TableChange;

    public sealed record AddServer(ServiceKey Service, RealServer Server) : TableChange;

    public sealed record SetServer(ServiceKey Service, RealServer Server) : TableChange;

    public sealed record RemoveServer(ServiceKey Service, RealServerKey Server) : TableChange;

    /// <summary>Removes every service.</summary>
    public sealed record Flush : TableChange;

    /// <summary>Sets the counters of one service and its servers, or of all, to zero.</summary>
    public sealed record Zero(ServiceKey? Service) : TableChange;

    public sealed record SetTimeouts(ConnectionTimeouts Timeouts) : TableChange;

    public sealed record StartSyncDaemon(SyncDaemon Daemon) : TableChange;

    public sealed record StopSyncDaemon(SyncState State) : TableChange;
}
