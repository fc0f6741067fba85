namespace Lvsctl.Manifests.Codes;

public sealed partial record Code
{
    static IReadOnlyList<Code>? _all;

    // Not an initialiser: that could run before those in the other files.
    /// <summary>By number.</summary>
    public static IReadOnlyList<Code> All => _all ??=
    [
        CannotRead, NotText, Syntax, Tab, TooMuch, Empty, SeveralDocuments, RepeatedKey, BadAlias, Unsupported,
        UnknownKey, WrongKind, MissingKey, NotANumber, OutOfRange, NotADuration, UnknownWord, NotAnAddress, NotAListen, BadName,
        NothingWritten, BadRange, Exclusive, OneOf, Malformed, NotAFlag, UnusableAddress, SecretInText,
        NameTaken, UnknownName, Cycle, ListenTaken, ServerTaken, SectionTaken, CheckUnused,
        PortZero, OnePacketProtocol, MixedFamilies, PortIgnored, UnknownScheduler, SchedulerOption, TunnelOption, Thresholds, Netmask,
        EngineProtocol, Unreachable, TableTooSmall, NotCarried, NoServers, MixedWithSync, FallbackIsServer,
        SlowProbe, NoEffect, NoPort, ThroughVip, WeightSource, NotVerified, ProbesNobody,
        RouterIdTaken, VrrpVersion, VrrpFamilies, SamePriority, AddressTaken, NoPeers, NotLinkLocal, NothingTracked, AloneInGroup,
    ];
}
