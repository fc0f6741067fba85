namespace Lvsctl.Kernel.Tests.Parity;

/// <summary>
/// Command lines as an operator, a script and a monkey would write them. Addresses, ports and marks come from small sets, so that most
/// services and servers are there already, or have been, and the kernel is asked every question it may refuse.
/// </summary>
sealed class CommandGenerator(Random random)
{
    static readonly string[] Hosts =
    [
        "10.0.0.1", "10.0.0.2", "10.0.0.3", "192.168.0.1", "200.1.2.3", "127.0.0.1", "10.7", "010.0.0.1", "0x0a000001", "localhost", "224.0.0.1", "0.0.0.0",
        "[2001:db8::1]", "[2001:db8::2]", "[fd00::1]", "[::1]", "[8000::8000:0:0]", "[2001:db8::1.2.3.4]",
    ];

    static readonly string[] ServerHosts =
    [
        "10.1.0.1", "10.1.0.2", "10.1.0.3", "10.1.0.4", "172.16.0.1", "200.1.0.1", "32.1.13.184", "10.9", "127.0.0.1",
        "[2001:db8:1::1]", "[2001:db8:1::2]", "[2001:db8::]", "[2001:db8::ffff:0:0]", "[fd00:1::1]", "[::1]",
    ];

    static readonly string[] BadHosts =
    [
        "224.0.0.5", "0.0.0.0", "255.255.255.255", "10.0.0.256", "1.2.3.4.5", "", ":", "[", "]", "[]", "[::1", "::g", "[fe80::1]", "[ff02::1]", "[10.0.0.7]",
        "no.such.host.invalid", "80", "-", "--", "08.1.1.1", "fe80::1%lo", "[[::1]]",
    ];

    static readonly string[] Ports = ["80", "80", "443", "53", "8080", "http", "domain", "65535", "0080", "+80", " 80"];

    static readonly string[] BadPorts = ["65536", "-1", "0x50", "nosuchport", "", "80 ", "80x", "tftp", "99999999999999999999"];

    static readonly string[] Schedulers = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "mh", "fo", "ovf", "none"];

    static readonly string[] Flags =
    [
        "flag-1", "flag-2", "flag-3", "sh-fallback", "sh-port", "mh-fallback", "mh-port", "flag-1,flag-3", "sh-port,flag-3", "flag-2,flag-1,flag-2", ",flag-1,,",
        "bogus", "flag-4", "", "sh-port,mh-port",
    ];

    static readonly string[] Numbers =
        ["0", "1", "5", "10", "255", "256", "300", "65535", "65536", "2147483647", "2147483648", "-1", "x", "", " 7", "+7", "007", "0x7", "7 ", "4294967296", "2678400", "2678401"];

    static readonly string[] Groups =
        ["224.0.0.81", "239.1.2.3", "224.0.0.5", "10.0.0.1", "240.0.0.1", "x", "", "224.1", "ff02::5", "ff05::1", "2001:db8::1", ":"];

    static readonly string[] Strays =
    [
        "-A", "-E", "-D", "-C", "-a", "-e", "-d", "-L", "-l", "-Z", "-S", "-h", "-v", "-n", "-6", "-o", "-g", "-i", "-m", "-c", "-X", "-q", "-p", "-t", "-s", "-w",
        "--stats", "--rate", "--exact", "--thresholds", "--persistent-conn", "--nosort", "--sort", "--tun-info", "--timeout", "--daemon", "--ops", "--ipv6", "--set",
        "--tun-csum", "--tun-nocsum", "--tun-remcsum", "--start-daemon", "--help", "--version", "--numeric=1", "-n=1", "-o5", "-s==rr", "-p=", "--persistent=",
        "extra", "-", "--", "---", "--bogus", "--bogus=1", "--num", "-=", "=", "ipvsadm", "\u00e9", "-\u00e9", "",
    ];

    static readonly string[][] GoodTunnels =
    [
        ["--tun-type", "ipip"], ["--tun-type", "gue", "--tun-port", "6080"], ["--tun-type=gue", "--tun-port", "5555", "--tun-csum"],
        ["--tun-type", "gue", "--tun-port=6080", "--tun-remcsum"], ["--tun-nocsum", "--tun-port", "1", "--tun-type", "gue"], ["--tun-type", "gre"],
        ["--tun-type", "gre", "--tun-csum"], ["--tun-type", "gre", "--tun-nocsum"],
    ];

    // Most of what is done is done to these, so they are mostly there.
    static readonly string[][] StandingServices =
    [
        ["-t", "10.0.0.1:80"], ["-t", "10.0.0.2:443"], ["-t", "192.168.0.1:8080"], ["-u", "10.0.0.1:53"], ["-u", "200.1.2.3:8080"], ["--sctp-service", "10.0.0.3:80"],
        ["-t", "[2001:db8::1]:80"], ["-t", "[fd00::1]:443"], ["-u", "[2001:db8::2]:53"], ["-f", "1"], ["-f", "7", "-6"], ["-f", "4294967295"],
    ];

    readonly List<string[]> _services = [.. StandingServices];
    readonly List<string[]> _servers = [];

    public IReadOnlyList<string> Next() => random.Next(20) switch
    {
        < 16 => Dress(Sensible()),
        < 19 => Mutate(Dress(Sensible())),
        _ => Soup(),
    };

    /// <summary>Without what a restore cannot hold: a word with a blank in it.</summary>
    public string NextRestoreLine()
    {
        while (true)
        {
            var words = Next();
            // Two daemon commands in a row can lose the kernel's answer, for which ipvsadm waits forever.
            if (words.Any(w => w.Contains(' ') || w.StartsWith("--sto", StringComparison.Ordinal) || w.StartsWith("--sta", StringComparison.Ordinal))) continue;
            return random.Next(30) switch
            {
                0 => "",
                1 => "ipvsadm " + string.Join(' ', words),
                2 => "  " + string.Join("\t  ", words) + " \r",
                3 => "# " + string.Join(' ', words),
                _ => string.Join(' ', words),
            };
        }
    }

    List<string> Sensible() => random.Next(100) switch
    {
        < 20 => AddOrEditService("-A"),
        < 34 => AddOrEditService("-E"),
        < 38 => ["-D", .. KnownService()],
        < 63 => AddOrEditServer("-a"),
        < 74 => AddOrEditServer("-e"),
        < 81 => ["-d", .. Known(_servers, () => [.. KnownService(), "-r", Address(ServerHosts)])],
        < 84 => Chance(2) ? ["-Z"] : ["-Z", .. KnownService()],
        < 89 => List(),
        < 91 => Chance(2) ? ["-S", "-n"] : ["-S"],
        < 94 => ["--set", Pick(Numbers), Pick(Numbers), Pick(Numbers)],
        < 97 => StartDaemon(),
        < 99 => ["--stop-daemon", Pick(["master", "backup", "backup", "other"])],
        _ => Chance(10) ? ["-C"] : ["-v"],
    };

    List<string> AddOrEditService(string command)
    {
        string[] service = Chance(command == "-E" ? 12 : 3) ? [.. NewService()] : [.. KnownService()];
        if (command == "-A" && _services.Count < 24) _services.Add(service);
        List<string> words = [command, .. service];
        if (Chance(2)) words.AddRange(["-s", Chance(12) ? "nosuch" : Pick(Schedulers)]);
        if (Chance(3)) words.AddRange(Chance(3) ? ["-p"] : ["-p", Chance(4) ? Pick(Numbers) : Pick(["300", "60", "7200", "1"])]);
        if (Chance(6)) words.AddRange(["-M", Pick(["255.255.255.0", "24", "64", "128", "64", "48", "129", "0", "255.0.255.0", "localhost", "x", "64x", ""])]);
        if (service[0] is "-u" or "-f" ? Chance(3) : Chance(20)) words.Add("-o");
        if (Chance(10)) words.AddRange(["--pe", Pick(["sip", "sip", "nosuch", ""])]);
        if (Chance(7)) words.AddRange(["-b", Pick(Flags)]);
        return words;
    }

    List<string> AddOrEditServer(string command)
    {
        if (_servers.Count != 0 && Chance(command == "-e" ? 2 : 6)) return [command, .. Pick(_servers), .. ServerSettings()];
        string[] service = [.. KnownService()];
        string[] server = [.. service, "-r", ServerAddress(service)];
        if (command == "-a" && _servers.Count < 60) _servers.Add(server);
        return [command, .. server, .. ServerSettings()];
    }

    List<string> ServerSettings()
    {
        List<string> words = [];
        var forward = Pick(["", "-g", "-i", "-m", "-m", "-i"]);
        if (forward.Length != 0) words.Add(forward);
        if (Chance(2)) words.AddRange(["-w", Chance(5) ? Pick(Numbers) : Pick(["0", "1", "3", "100"])]);
        if (Chance(5)) words.AddRange(["-x", Chance(4) ? Pick(Numbers) : "100"]);
        if (Chance(6)) words.AddRange(["-y", Chance(4) ? Pick(Numbers) : "50"]);
        if (forward == "-i" && Chance(2)) words.AddRange(Pick(GoodTunnels));
        else if (Chance(forward == "-i" ? 3 : 30)) words.AddRange(OddTunnel());
        return words;
    }

    List<string> OddTunnel()
    {
        List<string> words = [];
        if (Chance(2)) words.AddRange(["--tun-type", Pick(["ipip", "gue", "gre", "vxlan"])]);
        if (Chance(2)) words.AddRange(["--tun-port", Pick(["6080", "5555", "0", "65536", "x"])]);
        if (Chance(2)) words.Add(Pick(["--tun-csum", "--tun-nocsum", "--tun-remcsum"]));
        return words;
    }

    List<string> List()
    {
        List<string> words = ["-L"];
        if (!Chance(8)) words.Add("-n");
        if (Chance(6)) words.AddRange(KnownService());
        foreach (var option in (string[])["--stats", "--rate", "--exact", "--thresholds", "--persistent-conn", "--nosort", "--tun-info", "--timeout", "--daemon", "-c"])
        {
            if (Chance(7)) words.Add(option);
        }
        return words;
    }

    List<string> StartDaemon()
    {
        List<string> words = ["--start-daemon", Pick(["master", "backup", "backup", "other"])];
        if (!Chance(4)) words.AddRange(["--mcast-interface", Pick(["lo", "lo", "lo", "nosuch0", "averylonginterfacename", ""])]);
        if (Chance(3)) words.AddRange(["--syncid", Pick(Numbers)]);
        if (Chance(5)) words.AddRange(["--sync-maxlen", Chance(2) ? "1400" : Pick(Numbers)]);
        if (Chance(4)) words.AddRange(["--mcast-group", Pick(Groups)]);
        if (Chance(5)) words.AddRange(["--mcast-port", Chance(2) ? "9000" : Pick(Numbers)]);
        if (Chance(5)) words.AddRange(["--mcast-ttl", Chance(2) ? "3" : Pick(Numbers)]);
        return words;
    }

    string[] KnownService() => Known(_services, () => [.. NewService()]);

    string[] Known(List<string[]> known, Func<string[]> another) => known.Count != 0 && !Chance(12) ? Pick(known) : another();

    List<string> NewService()
    {
        if (Chance(6))
        {
            var mark = Chance(6) ? Pick(Numbers) : Pick(["1", "2", "7", "2147483647", "2147483648", "4294967295", "3000000000"]);
            return Chance(3) ? ["-f", mark, "-6"] : ["-f", mark];
        }
        return [Pick(["-t", "-t", "-t", "-u", "--sctp-service"]), Address(Chance(30) ? BadHosts : Hosts)];
    }

    // Mostly of the service's family.
    string ServerAddress(string[] service)
    {
        if (Chance(30)) return Address(BadHosts);
        var six = service.Any(w => w.StartsWith('[') || w == "-6");
        while (true)
        {
            var host = Pick(ServerHosts);
            if (host.StartsWith('[') == six || Chance(12)) return Address([host]);
        }
    }

    string Address(string[] hosts)
    {
        var host = Pick(hosts);
        if (Chance(25)) return host.Trim('[', ']');
        return Chance(20) ? host : $"{host}:{(Chance(35) ? Pick(BadPorts) : Pick(Ports))}";
    }

    static readonly (string Short, string Long)[] Forms =
    [
        ("-A", "--add-service"), ("-E", "--edit-service"), ("-D", "--delete-service"), ("-C", "--clear"), ("-L", "--list"), ("-L", "-l"), ("-a", "--add-server"),
        ("-e", "--edit-server"), ("-d", "--delete-server"), ("-Z", "--zero"), ("-S", "--save"), ("-v", "--version"),
        ("-t", "--tcp-service"), ("-u", "--udp-service"), ("-f", "--fwmark-service"), ("-6", "--ipv6"), ("-s", "--scheduler"), ("-p", "--persistent"),
        ("-M", "--netmask"), ("-r", "--real-server"), ("-g", "--gatewaying"), ("-i", "--ipip"), ("-m", "--masquerading"), ("-w", "--weight"), ("-x", "--u-threshold"),
        ("-y", "--l-threshold"), ("-n", "--numeric"), ("-c", "--connection"), ("-o", "--ops"), ("-b", "--sched-flags"), ("--exact", "-X"),
    ];

    // The same in other spellings: long names, arguments attached, short options in one word, options in another order.
    List<string> Dress(List<string> words)
    {
        if (Chance(8) && words.Count > 4) Reorder(words);
        for (var i = 0; i < words.Count; i++)
        {
            foreach (var (brief, full) in Forms)
            {
                if (words[i] == brief && Chance(6)) words[i] = full;
            }
        }
        for (var i = words.Count - 1; i > 0; i--)
        {
            var (option, next) = (words[i - 1], words[i]);
            if (!Chance(8) || option.Length < 2 || option[0] != '-') continue;
            var takesArgument = !next.StartsWith('-');
            if (option.StartsWith("--", StringComparison.Ordinal))
            {
                if (!takesArgument) continue;
                words[i - 1] = $"{option}={next}";
            }
            else if (takesArgument)
            {
                words[i - 1] = Chance(2) ? option + next : $"{option}={next}";
            }
            else if (next.Length >= 2 && next[1] != '-')
            {
                words[i - 1] = option + next[1..];
            }
            else
            {
                continue;
            }
            words.RemoveAt(i);
        }
        return words;
    }

    // Moves an option with its argument to the end, the command staying first.
    void Reorder(List<string> words)
    {
        var from = random.Next(1, words.Count);
        while (from > 1 && !words[from].StartsWith('-')) from--;
        var length = 1;
        while (from + length < words.Count && !words[from + length].StartsWith('-')) length++;
        var moved = words.GetRange(from, length);
        words.RemoveRange(from, length);
        words.AddRange(moved);
    }

    List<string> Mutate(List<string> words)
    {
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            if (words.Count == 0) return words;
            var at = random.Next(words.Count);
            switch (random.Next(7))
            {
                case 0: words.RemoveAt(at); break;
                case 1: words.Insert(at, words[random.Next(words.Count)]); break;
                case 2: words.Insert(random.Next(words.Count + 1), Pick(Strays)); break;
                case 3: words[at] = Pick(Strays); break;
                case 4: (words[at], words[0]) = (words[0], words[at]); break;
                case 5: words[at] = MutateWord(words[at]); break;
                default: words.AddRange(Sensible().Skip(1)); break;
            }
        }
        return words;
    }

    string MutateWord(string word)
    {
        const string alphabet = "019:.[]-=,/ nst6%";
        if (word.Length == 0) return Pick(Strays);
        var at = random.Next(word.Length);
        return random.Next(3) switch
        {
            0 => word.Remove(at, 1),
            1 => word.Insert(at, alphabet[random.Next(alphabet.Length)].ToString()),
            _ => word[..at] + alphabet[random.Next(alphabet.Length)] + word[(at + 1)..],
        };
    }

    List<string> Soup()
    {
        List<string> words = [];
        for (var count = random.Next(0, 6); count >= 0; count--) words.Add(Pick(Chance(2) ? Strays : Chance(2) ? Numbers : Hosts));
        return words;
    }

    bool Chance(int oneIn) => random.Next(oneIn) == 0;

    T Pick<T>(IReadOnlyList<T> choices) => choices[random.Next(choices.Count)];
}
