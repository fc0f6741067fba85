namespace Lvsctl.Manifests.Codes;

public sealed partial record Code
{
    public static readonly Code NameTaken = Error(40, "a name is given twice",
        "Names of directors, checks, virtual routers and services are unique across all files of a manifest, and so are the servers of a service. A later file never overrides an earlier one.",
        "(web.yaml and shop.yaml both have 'services: { web: … }')",
        "(services: { web: … } in the one, services: { shop: … } in the other)");

    public static readonly Code UnknownName = Error(41, "a name that nothing has",
        "The check or director that is referred to is nowhere in the manifest; a near name is suggested.",
        "checks: { port: { tcp: {} } }\nservices: { web: { listen: tcp 10.0.0.1:80, check: prot, servers: { a: 10.0.1.1 } } }",
        "checks: { port: { tcp: {} } }\nservices: { web: { listen: tcp 10.0.0.1:80, check: port, servers: { a: 10.0.1.1 } } }");

    public static readonly Code Cycle = Error(42, "a check that contains itself",
        "The members of all and any may be such checks themselves, but never the check that they are members of.",
        "checks: { a: { all: [ b ] }, b: { any: [ a ] } }",
        "checks: { a: { all: [ b ] }, b: { tcp: {} } }");

    public static readonly Code ListenTaken = Error(43, "two services listen on the same",
        "Protocol, address and port, or the firewall mark, identify a service in the kernel, so they can stand in the manifest only once.",
        "services: { a: { listen: tcp 10.0.0.1:80, servers: { x: 10.0.1.1 } }, b: { listen: \"tcp 10.0.0.1:80,81\", servers: { x: 10.0.1.1 } } }",
        "services: { a: { listen: tcp 10.0.0.1:80, servers: { x: 10.0.1.1 } }, b: { listen: tcp 10.0.0.1:81, servers: { x: 10.0.1.1 } } }");

    public static readonly Code ServerTaken = Error(44, "the same server twice in a service",
        "Address and port identify a server within its service. With direct routing and tunnels the port is always the one the client asked for, so there only the address counts. To give a server more work, raise its weight.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1, b: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { address: 10.0.1.1, weight: 2 } } } }");

    public static readonly Code SectionTaken = Error(45, "a section stands in two files",
        "Names, and the sections defaults, settings, safety, daemon, control, metrics and log, may be given in one file only: a later file never overrides an earlier one.",
        "(a.yaml and b.yaml both have 'log: …')",
        "(log: … in one of them)");

    public static readonly Code CheckUnused = Warning(46, "a check that nobody uses",
        "No service, no virtual router and no other check refers to it, so it never runs.",
        "checks: { port: { tcp: {} }, web: { http: {} } }\nservices: { web: { listen: tcp 10.0.0.1:80, check: port, servers: { a: 10.0.1.1 } } }",
        "checks: { port: { tcp: {} } }\nservices: { web: { listen: tcp 10.0.0.1:80, check: port, servers: { a: 10.0.1.1 } } }");
}
