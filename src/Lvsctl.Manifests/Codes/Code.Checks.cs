namespace Lvsctl.Manifests.Codes;

public sealed partial record Code
{
    public static readonly Code SlowProbe = Warning(70, "a probe may take longer than the time to the next one",
        "Two probes of one check to one server never run at once, so a hanging server is asked less often than 'every' says, and found out later. Make the timeout shorter, or the interval longer.",
        "checks: { port: { tcp: {}, every: 1s, timeout: 5s } }\nservices: { web: { listen: tcp 10.0.0.1:80, check: port, servers: { a: 10.0.1.1 } } }",
        "checks: { port: { tcp: {}, every: 5s, timeout: 1s } }\nservices: { web: { listen: tcp 10.0.0.1:80, check: port, servers: { a: 10.0.1.1 } } }");

    public static readonly Code NoEffect = Warning(71, "a key that has no effect here",
        "It is known here, but something else that is written makes it meaningless; for instance all and any run no probe of their own, so that interval, timeout and counters are those of their members.",
        "checks: { a: { tcp: {} }, b: { all: [ a ], timeout: 1s } }\nservices: { web: { listen: tcp 10.0.0.1:80, check: b, servers: { a: 10.0.1.1 } } }",
        "checks: { a: { tcp: {}, timeout: 1s }, b: { all: [ a ] } }\nservices: { web: { listen: tcp 10.0.0.1:80, check: b, servers: { a: 10.0.1.1 } } }");

    public static readonly Code NoPort = Error(72, "no port to ask",
        "The service is a firewall mark or listens on every port, the server names no port, and there is no usual port for this probe. Give the check a port.",
        "services: { web: { listen: fwmark 7, check: { tcp: {} }, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: fwmark 7, check: { tcp: {}, port: 80 }, servers: { a: 10.0.1.1 } } }");

    public static readonly Code ThroughVip = Error(73, "no way through the virtual address",
        "'through: vip' asks the virtual address of the service, forwarded to the one server that is probed. It needs a service with an address (not a firewall mark), a probe that uses the network, and no 'address' of its own; a tracked check of a virtual router has no service at all.",
        "services: { web: { listen: fwmark 7, check: { tcp: {}, port: 80, through: vip }, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, check: { tcp: {}, through: vip }, servers: { a: 10.0.1.1 } } }");

    public static readonly Code WeightSource = Error(74, "the probe has no such source of a weight",
        "header is for http and https; body for http, https and tcp; exit for exec; content for file.",
        "services: { web: { listen: tcp 10.0.0.1:80, check: { tcp: {}, weight: { from: exit } }, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, check: { tcp: {}, weight: { from: body } }, servers: { a: 10.0.1.1 } } }");

    public static readonly Code NotVerified = Warning(75, "certificates are not verified",
        "With 'verify: false' anybody on the path can pose as the server. Give ca-file for a private authority instead, and server-name if the certificate carries another name.",
        "services: { web: { listen: tcp 10.0.0.1:443, check: { https: { tls: { verify: false } } }, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:443, check: { https: { tls: { ca-file: /etc/lvsctl/ca.pem } } }, servers: { a: 10.0.1.1 } } }");

    public static readonly Code ProbesNobody = Warning(76, "every server is probed at the same place",
        "With 'address' the check asks that address for whichever server, so all of them fail and come back together.",
        "services: { web: { listen: tcp 10.0.0.1:80, check: { tcp: {}, address: 10.0.1.9 }, servers: { a: 10.0.1.1, b: 10.0.1.2 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, check: { tcp: {} }, servers: { a: 10.0.1.1, b: 10.0.1.2 } } }");
}
