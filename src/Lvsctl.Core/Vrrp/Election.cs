using Lvsctl.Core.Cluster;

namespace Lvsctl.Core.Vrrp;

/// <summary>
/// One virtual router's part in the election: RFC 9568 6.4 and RFC 3768 6.4. Inputs and the time go in, outputs and one deadline come out.
/// <code>
///                   Start                    deadline, or owner
///   Initialize ───────────────► Backup ───────────────────────────► Master
///      ▲   ▲  Stop                │ ▲  ▲    heard a better one, late   │
///      │   └──────────────────────┤ │  └───────────────────────────────┤
///      │                    fault │ │ fault ended                      │ Stop, HandOver, fault: says priority 0
///      │                          ▼ │                                  ▼
///      │                         Fault ◄───────────────────────────  Leaving: answers still
///      └───────────────────────────── successor heard, or time is up ──┘ ────► Backup
/// </code>
/// The time is of one monotonic clock that begins anywhere; a clock that goes back is held. Steps of a router with nothing to change
/// allocate nothing. Not for several threads at once.
/// </summary>
public sealed partial class Election
{
    /// <summary>How long a router does not preempt after a hand-over, where the operator says nothing else.</summary>
    public static readonly TimeSpan DefaultHold = TimeSpan.FromMinutes(10);

    static readonly TimeSpan s_never = TimeSpan.MaxValue;

    readonly AnnounceSchedule _announcements;
    readonly Rivals _rivals = new();
    ElectionSettings _settings;
    List<ElectionOutput> _output = [];
    TimeSpan _now = TimeSpan.MinValue;
    TimeSpan _timer = s_never;          // of the state: start delay, master down, next advert, end of leaving
    RouterFault _fault;
    TimeSpan _heldUntil = TimeSpan.MinValue;

    public Election(ElectionSettings settings)
    {
        _settings = settings;
        _announcements = new(settings.Announce, settings.AddressCount);
        Priority = settings.Priority;
        MasterInterval = settings.Interval;
    }

    public ElectionSettings Settings => _settings;

    public VrrpState State { get; private set; }

    /// <summary>When the state was taken up.</summary>
    public TimeSpan Since { get; private set; }

    /// <summary>Effective, 1..255.</summary>
    public byte Priority { get; private set; }

    public RouterFault Fault => _fault;

    /// <summary>When to step with <see cref="ElectionInput.DeadlineReached"/>; <see cref="TimeSpan.MaxValue"/>: never.</summary>
    public TimeSpan Deadline => _timer < _announcements.Next ? _timer : _announcements.Next;

    /// <summary>Whom a backup heard last; null while there was nobody, and on a master.</summary>
    public WireAddress? Master { get; private set; }

    public byte MasterPriority { get; private set; }

    /// <summary>Learned from the master in version 3.</summary>
    public TimeSpan MasterInterval { get; private set; }

    /// <summary>The addresses are here.</summary>
    public bool HoldsAddresses => State is VrrpState.Master or VrrpState.Leaving;

    /// <summary>After a hand-over: until then it does not preempt.</summary>
    public TimeSpan? HeldUntil => _heldUntil > _now ? _heldUntil : null;

    /// <summary>In a sync group: it would be master now and waits for the others.</summary>
    public bool IsReady { get; private set; }

    /// <summary>It is not alone in a sync group.</summary>
    internal bool IsInGroup { get; set; }

    bool Preempts => _settings.Preempt || Priority == VrrpAdvertisement.PriorityOwner;

    TimeSpan Skew => VrrpTimers.Skew(_settings.Version, Priority, MasterInterval);

    TimeSpan MasterDown => VrrpTimers.MasterDown(_settings.Version, Priority, MasterInterval);

    /// <summary>Times do not go backwards. Adverts that wait in the socket come before the deadline that they would have moved.</summary>
    /// <param name="into">Gets what is to be done; it is not cleared before.</param>
    public void Step(in ElectionInput input, TimeSpan now, List<ElectionOutput> into)
    {
        if (now > _now) _now = now;
        _output = into;
        if (State == VrrpState.Master && input.Kind != ElectionInputKind.Stop) GiveUpIfStale();
        switch (input.Kind)
        {
            case ElectionInputKind.Start when State == VrrpState.Initialize:
                Start();
                break;
            case ElectionInputKind.Advert:
                Hear(input);
                break;
            case ElectionInputKind.DeadlineReached when _now >= _timer:
                Expire();
                break;
            case ElectionInputKind.Fitness:
                Judge(input);
                break;
            case ElectionInputKind.AddressLost when HoldsAddresses:
                PutBack(input.Index);
                break;
            case ElectionInputKind.HandOver when State == VrrpState.Master:
                _heldUntil = input.Interval == s_never ? s_never : _now + input.Interval;
                Leave(TransitionReason.HandOver);
                break;
            case ElectionInputKind.Resume:
                _heldUntil = TimeSpan.MinValue;
                break;
            case ElectionInputKind.Stop:
                Stop();
                break;
            case ElectionInputKind.Promote when IsReady:
                BecomeMaster();
                break;
            case ElectionInputKind.Yield when State == VrrpState.Master:
                Leave(TransitionReason.Group);
                break;
        }
        Announce();
    }

    /// <summary>
    /// Goes on with other settings and says so at once if it is master. Another version or router id is another router. Follow with
    /// <see cref="ElectionInput.Fitness"/>, as the base priority may be another.
    /// </summary>
    /// <param name="added">Indices of the addresses that were not there before.</param>
    public void Reload(ElectionSettings settings, IReadOnlyList<int> added, TimeSpan now, List<ElectionOutput> into)
    {
        if (now > _now) _now = now;
        _output = into;
        if (_settings.Version == 2 || State is VrrpState.Initialize or VrrpState.Master) MasterInterval = settings.Interval;
        _settings = settings;
        _announcements.Reload(settings.Announce, settings.AddressCount, State == VrrpState.Master, _now);
        if (State != VrrpState.Master) return;
        GiveUpIfStale();
        if (State != VrrpState.Master) return;
        Send(Priority);
        _timer = _now + settings.Interval;
        Emit(ElectionOutputKind.AddAddresses);
        foreach (var address in added) _announcements.StartOne(address, _now);
        Announce();
    }

    void Start()
    {
        // A process that died as master has left its addresses behind.
        Emit(ElectionOutputKind.RemoveAddresses);
        if (_settings.StartDelay > TimeSpan.Zero) _timer = _now + _settings.StartDelay;
        else Begin(TransitionReason.Started);
    }

    /// <summary>RFC 9568 6.4.1.</summary>
    void Begin(TransitionReason why)
    {
        Master = null;
        MasterInterval = _settings.Interval;
        _preemptFrom = _now;
        _readyBecause = TransitionReason.NoMaster;
        if (_fault != RouterFault.None)
        {
            Turn(VrrpState.Fault, TransitionReason.FaultBegan);
            _timer = s_never;
            return;
        }
        SyncConnections(VrrpState.Backup);
        if (Priority == VrrpAdvertisement.PriorityOwner && _heldUntil <= _now)
        {
            _readyBecause = TransitionReason.Owner;
            if (!IsInGroup)
            {
                BecomeMaster();
                return;
            }
            Turn(VrrpState.Backup, why);
            WantMaster();
            return;
        }
        Turn(VrrpState.Backup, why);
        Arm(MasterDown);
    }

    void Hear(in ElectionInput advert)
    {
        switch (State)
        {
            case VrrpState.Backup:
                HearAsBackup(advert);
                break;
            case VrrpState.Master:
                HearAsMaster(advert);
                break;
            case VrrpState.Leaving:
                HearAsLeaving(advert);
                break;
        }
    }

    void Expire()
    {
        switch (State)
        {
            case VrrpState.Initialize:
                Begin(TransitionReason.Started);
                break;
            case VrrpState.Backup:
                ExpireAsBackup();
                break;
            case VrrpState.Master:
                SendInTime();
                break;
            case VrrpState.Leaving:
                ExpireAsLeaving();
                break;
        }
    }

    void Judge(in ElectionInput fitness)
    {
        Priority = fitness.Priority;
        var before = _fault;
        _fault = fitness.Fault;
        if (before == RouterFault.None && _fault != RouterFault.None && State == VrrpState.Backup)
        {
            Cancel();
            Turn(VrrpState.Fault, TransitionReason.FaultBegan);
        }
        else if (_fault == RouterFault.Link && HoldsAddresses)
        {
            if (State == VrrpState.Master) Send(VrrpAdvertisement.PriorityLeaving);
            Abdicate(_leaving == TransitionReason.Stopped && State == VrrpState.Leaving ? VrrpState.Initialize : VrrpState.Fault, TransitionReason.FaultBegan);
        }
        else if (_fault != RouterFault.None && State == VrrpState.Master)
        {
            Leave(TransitionReason.FaultBegan);
        }
        else if (_fault == RouterFault.None && State == VrrpState.Fault)
        {
            Begin(TransitionReason.FaultEnded);
        }
    }

    void Stop()
    {
        switch (State)
        {
            case VrrpState.Master:
                Leave(TransitionReason.Stopped);
                break;
            case VrrpState.Leaving:
                _leaving = TransitionReason.Stopped;
                break;
            case VrrpState.Backup or VrrpState.Fault:
                Cancel();
                Turn(VrrpState.Initialize, TransitionReason.Stopped);
                break;
            default:
                Cancel();
                break;
        }
    }

    void PutBack(int address)
    {
        Emit(ElectionOutputKind.AddAddresses);
        if (State == VrrpState.Master) _announcements.StartOne(address, _now);
    }

    void Cancel()
    {
        _timer = s_never;
        IsReady = false;
    }

    void Turn(VrrpState to, TransitionReason why, WireAddress? peer = null, byte priority = 0)
    {
        _output.Add(new(ElectionOutputKind.Transition) { From = State, To = to, Why = why, Peer = peer, Priority = priority });
        State = to;
        Since = _now;
    }

    void SyncConnections(VrrpState role)
    {
        if (_settings.SyncsConnections) _output.Add(new(ElectionOutputKind.ConnectionSync) { To = role });
    }

    void Announce()
    {
        while (_announcements.TryTake(_now, out var address)) _output.Add(new(ElectionOutputKind.Announce) { Index = address });
    }

    void Emit(ElectionOutputKind kind) => _output.Add(new(kind));
}
