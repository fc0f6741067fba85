namespace Lvsctl.Manifests.Codes;

public sealed partial record Code
{
    public static readonly Code PortZero = Error(50, "every port without persistence",
        "A service on every port ('*') makes sense only with persistence: without it the connections of one client to several ports go to different servers. The kernel does not check it; ipvsadm refuses it too.",
        "services: { ftp: { listen: \"tcp 10.0.0.1:*\", servers: { a: 10.0.1.1 } } }",
        "services: { ftp: { listen: \"tcp 10.0.0.1:*\", persistence: 5m, servers: { a: 10.0.1.1 } } }");

    public static readonly Code OnePacketProtocol = Error(51, "one-packet is for UDP",
        "Scheduling each packet alone breaks every TCP and SCTP connection. The kernel does not check it.",
        "services: { web: { listen: tcp 10.0.0.1:80, one-packet: true, servers: { a: 10.0.1.1 } } }",
        "services: { dns: { listen: udp 10.0.0.1:53, one-packet: true, servers: { a: 10.0.1.1 } } }");

    public static readonly Code MixedFamilies = Error(52, "IPv4 and IPv6 mixed without a tunnel",
        "A server of another address family than the service's can be reached through a tunnel only; the kernel refuses NAT and direct routing.",
        "services: { web: { listen: tcp 10.0.0.1:80, forward: nat, servers: { a: \"2001:db8::1\" } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, forward: tun, servers: { a: \"2001:db8::1\" } } }");

    public static readonly Code PortIgnored = Warning(53, "a port that has no effect",
        "Direct routing and tunnels leave the packet's port as it is, so the server gets the port that the client asked for. The kernel stores another port and ignores it. Leave the port out, or use NAT.",
        "services: { web: { listen: tcp 10.0.0.1:80, forward: dr, servers: { a: 10.0.1.1:8080 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, forward: nat, servers: { a: 10.0.1.1:8080 } } }");

    public static readonly Code UnknownScheduler = Warning(54, "a scheduler that this lvsctl does not know",
        "Linux has rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh and twos. A kernel can have others, so this is not an error; but if it has none of that name, apply fails.",
        "services: { web: { listen: tcp 10.0.0.1:80, scheduler: wrrr, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, scheduler: wrr, servers: { a: 10.0.1.1 } } }");

    public static readonly Code SchedulerOption = Error(55, "an option of another scheduler",
        "port and fallback are options of sh and mh only. flags are for schedulers that lvsctl does not know.",
        "services: { web: { listen: tcp 10.0.0.1:80, scheduler: { rr: { port: true } }, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, scheduler: { mh: { port: true } }, servers: { a: 10.0.1.1 } } }");

    public static readonly Code TunnelOption = Error(56, "options that this kind of tunnel does not have",
        "gue needs a port, the others have none. ipip has no checksum; gre has none or csum; gue has none, csum or remote.",
        "services: { web: { listen: tcp 10.0.0.1:80, forward: { tun: { kind: gue } }, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, forward: { tun: { kind: gue, port: 5555 } }, servers: { a: 10.0.1.1 } } }");

    public static readonly Code Thresholds = Error(57, "the lower threshold is above the upper one",
        "A server takes no more connections from 'upper' on, and takes new ones again below 'lower', which therefore cannot be larger.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { address: 10.0.1.1, connections: { upper: 100, lower: 200 } } } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { address: 10.0.1.1, connections: { upper: 200, lower: 100 } } } } }");

    public static readonly Code Netmask = Error(58, "a netmask of the other family",
        "A netmask (255.255.255.0) is for IPv4; IPv4 has prefixes of 1..32 bits, IPv6 of 1..128. A service that listens on both families can have neither.",
        "services: { web: { listen: \"tcp [2001:db8::1]:80\", persistence: { timeout: 5m, netmask: 255.255.255.0 }, servers: { a: \"2001:db8::2\" } } }",
        "services: { web: { listen: \"tcp [2001:db8::1]:80\", persistence: { timeout: 5m, prefix: 64 }, servers: { a: \"2001:db8::2\" } } }");

    public static readonly Code EngineProtocol = Error(59, "the persistence engine sip is for UDP",
        "It looks for a Call-ID in UDP packets; other services of this kind never find a server.",
        "services: { sip: { listen: tcp 10.0.0.1:5060, persistence: { timeout: 5m, engine: sip }, servers: { a: 10.0.1.1 } } }",
        "services: { sip: { listen: udp 10.0.0.1:5060, persistence: { timeout: 5m, engine: sip }, servers: { a: 10.0.1.1 } } }");

    public static readonly Code Unreachable = Warning(60, "more healthy servers are asked for than there are",
        "min-healthy above 100 %, or above the number of servers, keeps every server in whatever its probes say; a quorum above it is never reached.",
        "services: { web: { listen: tcp 10.0.0.1:80, min-healthy: 150%, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, min-healthy: 50%, servers: { a: 10.0.1.1 } } }");

    public static readonly Code TableTooSmall = Warning(61, "more servers than the scheduler's table has slots",
        "mh has a table of 4093 slots, sh and dh of 256 (unless the kernel was built otherwise). In mh and sh a server takes as many as its weight says, relative to the others. Those that find no slot get no connections.",
        "services: { web: { listen: tcp 10.0.0.1:80, scheduler: sh, servers: { a: { addresses: \"10.0.[1-2].[1-200]\" } } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, scheduler: mh, servers: { a: { addresses: \"10.0.[1-2].[1-200]\" } } } }");

    public static readonly Code NotCarried = Warning(62, "a virtual address that no virtual router carries",
        "The manifest has virtual routers, but none of them holds this address, so it will not move when a director dies. Add it to the addresses of a router, unless something else carries it.",
        "vrrp: { v: { interface: eth0, id: 51, addresses: 10.0.0.1/24 } }\nservices: { web: { listen: tcp 10.0.0.2:80, servers: { a: 10.0.1.1 } } }",
        "vrrp: { v: { interface: eth0, id: 51, addresses: 10.0.0.1/24 } }\nservices: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code NoServers = Warning(63, "a service without servers",
        "The kernel refuses every connection to a service that has no server. Servers of weight 0 do not count.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: {} } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code MixedWithSync = Error(64, "connection sync and mixed families",
        "The kernel refuses servers of another family than their service's while a sync daemon runs, and a sync daemon while there are such servers.",
        "vrrp: { v: { interface: eth0, id: 51, addresses: 10.0.0.1/24, sync-connections: true } }\nservices: { web: { listen: tcp 10.0.0.1:80, forward: tun, servers: { a: \"2001:db8::1\" } } }",
        "vrrp: { v: { interface: eth0, id: 51, addresses: 10.0.0.1/24 } }\nservices: { web: { listen: tcp 10.0.0.1:80, forward: tun, servers: { a: \"2001:db8::1\" } } }");

    public static readonly Code FallbackIsServer = Warning(65, "the fallback is one of the servers",
        "When the last server fails, this one has failed with it.",
        "services: { web: { listen: tcp 10.0.0.1:80, fallback: 10.0.1.1, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, fallback: 10.0.1.9, servers: { a: 10.0.1.1 } } }");
}
