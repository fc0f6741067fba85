namespace Lvsctl.Manifests.Codes;

public sealed partial record Code
{
    public static readonly Code CannotRead = Error(1, "the manifest cannot be read",
        "The file or directory does not exist, may not be read by this user, or the directory holds no *.yaml and no *.yml. lvsctl then ends with exit code 1, not 3.",
        "(a path that does not exist)",
        "(lvsctl validate --manifest /etc/lvsctl)");

    public static readonly Code NotText = Error(2, "not a UTF-8 text",
        "Manifests are text in UTF-8. A control character or an invalid byte means that this is another kind of file, or that it was saved in another encoding.",
        "(a file that holds a NUL, or é as the byte 0xE9)",
        "(the same, saved as UTF-8)");

    public static readonly Code Syntax = Error(3, "not YAML",
        "The text breaks YAML's own rules, so nothing beyond this point of the file can be understood; other files are still read. Usual causes: a missing blank after a colon, indentation that does not line up, a bracket or quote that is never closed, a value that starts with one of @ ` % * & ! without quotes.",
        "services: { web: [",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } } }");

    public static readonly Code Tab = Error(4, "a tab in the indentation",
        "YAML indents by spaces only.",
        "services:\n\tweb: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } }",
        "services:\n  web: { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } }");

    public static readonly Code TooMuch = Error(5, "too large",
        "A manifest may have 64 MiB in all files, 4,000,000 values per file with every alias written out, 32 levels, 4,096 members in a range of addresses, 1,024 keys to listen on for one service, and 1,000,000 servers in the kernel's table. Legitimate clusters stay far below; the limits keep a broken or hostile file from using up the machine.",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { addresses: \"10.1.[0-255].[0-255]\" } } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, servers: { a: { addresses: \"10.1.0.[1-250]\" } } } }");

    public static readonly Code Empty = Error(6, "nothing in the file",
        "A manifest without content is more likely an accident than a wish to have no services. For an empty cluster write 'services: {}'.",
        "# only a comment\n",
        "services: {}");

    public static readonly Code SeveralDocuments = Error(7, "several documents in one file",
        "A line '---' in the middle starts a second YAML document. Use several files instead.",
        "services: {}\n---\nservices: {}",
        "services: {}");

    public static readonly Code RepeatedKey = Error(8, "the same key twice",
        "YAML forbids a key twice in one map; other programs silently take the last one. Both places are named: keep one.",
        "services: { web: { listen: tcp 10.0.0.1:80, scheduler: rr, scheduler: lc, servers: { a: 10.0.1.1 } } }",
        "services: { web: { listen: tcp 10.0.0.1:80, scheduler: rr, servers: { a: 10.0.1.1 } } }");

    public static readonly Code BadAlias = Error(9, "an alias or merge that leads nowhere",
        "*name repeats the value marked &name earlier in the same file; it cannot stand inside that value. '<<' merges one map, or a list of maps, into the map where it stands.",
        "services: { web: *common }",
        "x-common: &common { listen: tcp 10.0.0.1:80, servers: { a: 10.0.1.1 } }\nservices: { web: *common }");

    public static readonly Code Unsupported = Error(10, "YAML that has no meaning here",
        "Tags such as !!str or !include, and keys that are lists or maps, are legal YAML but mean nothing in a manifest.",
        "services: !include services.yaml",
        "services: {}");
}
