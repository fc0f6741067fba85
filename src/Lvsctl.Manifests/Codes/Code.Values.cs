namespace Lvsctl.Manifests.Codes;

public sealed partial record Code
{
    public static readonly Code UnknownKey = Error(20, "unknown key",
        "The key has no meaning at this place; a near one that has is suggested. 'lvsctl explain' lists the keys of every place. A top-level key that starts with x- may hold anything, for use by anchors.",
        "services: { web: { listen: tcp 10.0.0.1:80, persistance: 5m, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, persistence: 5m, servers: { a: 10.0.1.1 } } }");

    public static readonly Code WrongKind = Error(21, "another kind of value is wanted",
        "A list stands where a word is wanted, a word where a map is wanted, and so on.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: [ 10.0.1.1 ] } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code MissingKey = Error(22, "a key is missing",
        "The key is required here.",
        "services: { web: { servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code NotANumber = Error(23, "not a number",
        "Whole decimal numbers are wanted: 80, not 0x50, 80.0, 8e1 or eighty. Shares of a whole are numbers with %: 50%.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { address: 10.0.1.1, weight: high } } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { address: 10.0.1.1, weight: 100 } } } }");

    public static readonly Code OutOfRange = Error(24, "out of range",
        "The value is well formed, but smaller or larger than what the kernel, the protocol or common sense allow. The range is named.",
        "vrrp: { v: { interface: eth0, id: 256, addresses: 10.0.0.1/24 } }",
        "vrrp: { v: { interface: eth0, id: 51, addresses: 10.0.0.1/24 } }");

    public static readonly Code NotADuration = Error(25, "not a duration",
        "A duration is a number with a unit, of which several may follow each other: 500ms, 2s, 1.5s, 5m, 1h30m, 7d. A bare number would be a guess.",
        "checks: { port: { tcp: {}, every: 5 } }",
        "checks: { port: { tcp: {}, every: 5s } }");

    public static readonly Code UnknownWord = Error(26, "not one of the words that are known here",
        "Only certain words make sense at this place; they are listed, and a near one is suggested.",
        "services: { web: { listen: tcp 10.0.0.1:80, forward: direct, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, forward: dr, servers: { a: 10.0.1.1 } } }");

    public static readonly Code NotAnAddress = Error(27, "not an address",
        "IPv4 addresses have four decimal numbers without leading zeros; IPv6 addresses are in brackets when a port follows. Names are not looked up: what a manifest means must not depend on a name server.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: web1.example } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code NotAListen = Error(28, "not something to listen on",
        "Write 'tcp 192.0.2.1:80', 'udp [2001:db8::1]:53', 'sctp …', with a list or range of ports ('tcp 192.0.2.1:80,443,8000-8010') or '*' for every port; or 'fwmark 7', 'fwmark 7 ipv6' for packets that the firewall has marked.",
        "services: { web: { listen: 10.0.0.1:80, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code BadName = Error(29, "not a name",
        "Names have 1 to 63 letters, digits, dots, dashes and underscores, and start with a letter or digit. They are used on command lines, in metrics and in file names.",
        "services: { \"web shop\": { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }",
        "services: { web-shop: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code NothingWritten = Error(30, "nothing is written",
        "The key has no value, or null. Leave the key out to get its default.",
        "services: { web: { listen: tcp 10.0.0.1:80, scheduler: , servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code BadRange = Error(31, "not a range of addresses",
        "A range is an address with one or more parts in brackets: 10.0.0.[11-14] is four addresses, 10.0.[1-2].[11-14] is eight; in IPv6 the numbers are hexadecimal: 2001:db8::[a-1f]. The first number is not larger than the last.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { addresses: \"10.0.1.[14-11]\" } } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { addresses: \"10.0.1.[11-14]\" } } } }");

    public static readonly Code Exclusive = Error(32, "these do not go together",
        "Of these keys only one can be given. A check, for instance, has one probe; to require several, give each a name and combine them by 'all' or 'any'.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { address: 10.0.1.1, addresses: \"10.0.1.[1-2]\" } } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { addresses: \"10.0.1.[1-2]\" } } } }");

    public static readonly Code OneOf = Error(33, "one of several keys is missing",
        "A check needs a probe (tcp, http, dns, …), a notification somebody to tell (exec, email, webhook), a server an address, and so on.",
        "checks: { web: { every: 5s } }",
        "checks: { web: { http: { path: /health }, every: 5s } }");

    public static readonly Code Malformed = Error(34, "malformed",
        "The text does not have the form that is wanted here: an absolute path, a URL, a mail address, a host name, hexadecimal digits, a regular expression, an interface name.",
        "metrics: { textfile: lvsctl.prom }",
        "metrics: { textfile: /var/lib/node_exporter/lvsctl.prom }");

    public static readonly Code NotAFlag = Error(35, "neither true nor false",
        "Yes, no, on and off mean different things to different YAML programs, so only true and false are taken.",
        "services: { dns: { listen: udp 10.0.0.1:53, one-packet: yes, servers: { a: 10.0.1.1 } } }",
        "services: { dns: { listen: udp 10.0.0.1:53, one-packet: true, servers: { a: 10.0.1.1 } } }");

    public static readonly Code UnusableAddress = Error(36, "an address that cannot be used here",
        "0.0.0.0 and ::, multicast, reserved and IPv4-mapped addresses are no servers and no virtual addresses; a link-local one means something on one link only. The kernel refuses some of them, and takes others without ever forwarding a packet.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 224.0.0.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code SecretInText = Error(37, "a secret in the manifest",
        "Manifests are kept in git, printed and mailed, so secrets are only named: put the secret into a file that the director alone may read, and give its path.",
        "vrrp: { v: { interface: eth0, id: 51, version: 2, addresses: 10.0.0.1/24, authentication: { type: pass, password: \"1111\" } } }",
        "vrrp: { v: { interface: eth0, id: 51, version: 2, addresses: 10.0.0.1/24, authentication: { type: pass, password-file: /etc/lvsctl/vrrp.secret } } }");
}
