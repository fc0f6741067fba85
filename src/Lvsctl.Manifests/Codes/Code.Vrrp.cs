namespace Lvsctl.Manifests.Codes;

public sealed partial record Code
{
    public static readonly Code RouterIdTaken = Error(80, "two virtual routers with one id on one interface",
        "The id and the address family tell the routers of a link apart. Give one of them another id, which must be free on the link.",
        "vrrp: { a: { interface: eth0, id: 51, addresses: 10.0.0.1/24 }, b: { interface: eth0, id: 51, addresses: 10.0.0.2/24 } }",
        "vrrp: { a: { interface: eth0, id: 51, addresses: 10.0.0.1/24 }, b: { interface: eth0, id: 52, addresses: 10.0.0.2/24 } }");

    public static readonly Code VrrpVersion = Error(81, "not in this version of VRRP",
        "Version 2 knows IPv4 only, whole seconds between adverts, and authentication. Version 3 knows both families and 10 ms .. 40.95 s in steps of 10 ms, and no authentication; its IPv4 checksum has two forms.",
        "vrrp: { v: { interface: eth0, id: 51, version: 2, interval: 500ms, addresses: 10.0.0.1/24 } }",
        "vrrp: { v: { interface: eth0, id: 51, version: 3, interval: 500ms, addresses: 10.0.0.1/24 } }");

    public static readonly Code VrrpFamilies = Error(82, "IPv4 and IPv6 in one virtual router",
        "A virtual router advertises addresses of one family. Make two of them, in one sync-group if they are to move together, or put the others under 'excluded'.",
        "vrrp: { v: { interface: eth0, id: 51, addresses: [ 10.0.0.1/24, \"2001:db8::1/64\" ] } }",
        "vrrp: { v: { interface: eth0, id: 51, addresses: [ 10.0.0.1/24 ], excluded: [ \"2001:db8::1/64\" ] } }");

    public static readonly Code SamePriority = Warning(83, "directors of the same priority",
        "The higher address wins when two become master at once, so which director is preferred is left to chance. Give each director a priority of its own.",
        "directors: { a: { address: 10.0.0.8 }, b: { address: 10.0.0.9 } }\nvrrp: { v: { interface: eth0, id: 51, priority: 100, addresses: 10.0.0.1/24 } }",
        "directors: { a: { address: 10.0.0.8 }, b: { address: 10.0.0.9 } }\nvrrp: { v: { interface: eth0, id: 51, priority: { a: 100, b: 90 }, addresses: 10.0.0.1/24 } }");

    public static readonly Code AddressTaken = Error(84, "an address in two virtual routers",
        "Two routers can have two masters, and then two directors hold the address.",
        "vrrp: { a: { interface: eth0, id: 51, addresses: 10.0.0.1/24 }, b: { interface: eth0, id: 52, addresses: 10.0.0.1/24 } }",
        "vrrp: { a: { interface: eth0, id: 51, addresses: 10.0.0.1/24 }, b: { interface: eth0, id: 52, addresses: 10.0.0.2/24 } }");

    public static readonly Code NoPeers = Error(85, "unicast without peers",
        "Unicast adverts go to the other directors of the manifest, or to the addresses that are listed. Here are none, of the router's family.",
        "vrrp: { v: { interface: eth0, id: 51, peers: unicast, addresses: 10.0.0.1/24 } }",
        "vrrp: { v: { interface: eth0, id: 51, peers: [ 10.0.0.9 ], addresses: 10.0.0.1/24 } }");

    public static readonly Code NotLinkLocal = Warning(86, "the first IPv6 address is not link-local",
        "RFC 9568, 5.2.9: the first address of an IPv6 virtual router is its link-local one. Routers of other makes may insist.",
        "vrrp: { v: { interface: eth0, id: 51, addresses: \"2001:db8::1/64\" } }",
        "vrrp: { v: { interface: eth0, id: 51, addresses: [ \"fe80::1/64\", \"2001:db8::1/64\" ] } }");

    public static readonly Code NothingTracked = Error(87, "a tracked check that cannot be made",
        "A virtual router has no servers, so a check that asks over the network needs a target: here, or as address and port of the check itself.",
        "checks: { port: { tcp: {} } }\nvrrp: { v: { interface: eth0, id: 51, addresses: 10.0.0.1/24, track: [ { check: port } ] } }",
        "checks: { port: { tcp: {} } }\nvrrp: { v: { interface: eth0, id: 51, addresses: 10.0.0.1/24, track: [ { check: port, target: \"10.0.0.254:179\" } ] } }");

    public static readonly Code AloneInGroup = Warning(88, "a sync group of one",
        "A sync group makes several routers change state together; this one has a single member. The name may be misspelt.",
        "vrrp: { a: { interface: eth0, id: 51, sync-group: edge, addresses: 10.0.0.1/24 } }",
        "vrrp: { a: { interface: eth0, id: 51, sync-group: edge, addresses: 10.0.0.1/24 }, b: { interface: eth1, id: 52, sync-group: edge, addresses: 10.0.1.1/24 } }");
}
