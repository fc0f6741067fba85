namespace Lvsctl.Kernel.Tests.Health;

/// <summary>Command lines of servers, as Debian has them, each with its files in the machine's own folder.</summary>
static class Programs
{
    public static string[] Nginx(Machine machine)
    {
        var shared = machine.FileOf("..");
        var folders = string.Join(' ', ((string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]).Select(n => $"{n}_temp_path {machine.FileOf(n)};"));
        File.WriteAllText(machine.FileOf("nginx.conf"), $$"""
            daemon off; master_process off; pid {{machine.FileOf("pid")}}; error_log stderr;
            events { }
            http {
                access_log off; {{folders}}
                server {
                    listen 80; listen 443 ssl; ssl_certificate {{shared}}/server.pem; ssl_certificate_key {{shared}}/server.key;
                    location / { return 200 "well\n"; }
                }
            }
            """);
        return ["nginx", "-e", "stderr", "-c", machine.FileOf("nginx.conf")];
    }

    // socat answers one datagram every half second.
    public static string[] Echo(Machine machine) =>
        ["sh", "-c", "perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalPort => 7, Proto => \"udp\"); $s->send($m) while defined $s->recv($m, 2048)' & socat TCP4-LISTEN:7,fork,reuseaddr,backlog=64 PIPE"];

    public static string[] Dnsmasq(Machine machine) =>
        ["dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root", "--pid-file", "--log-facility=-", "--host-record=shop.example,192.0.2.80"];

    // "postfix start" is slow; what it does once is done here.
    public static string[] Postfix(Machine machine)
    {
        var shared = machine.FileOf("..");
        if (!Directory.Exists(machine.FileOf("queue")))
        {
            File.WriteAllText(machine.FileOf("main.cf"), $"""
                compatibility_level = 3.6
                queue_directory = {machine.FileOf("queue")}
                data_directory = {machine.FileOf("data")}
                maillog_file = {machine.FileOf("mail.log")}
                maillog_file_prefixes = /tmp
                myhostname = mail.example
                mydestination = mail.example
                inet_protocols = ipv4
                smtpd_peername_lookup = no
                smtpd_tls_security_level = may
                smtpd_tls_chain_files = {shared}/server.key, {shared}/server.pem
                local_recipient_maps =
                alias_maps =
                alias_database =

                """);
            File.WriteAllText(machine.FileOf("master.cf"), """
                smtp inet n - n - - smtpd
                postlog unix-dgram n - n - 1 postlogd
                anvil unix - - n - 1 anvil
                tlsmgr unix - - n 1000? 1 tlsmgr
                rewrite unix - - n - - trivial-rewrite
                proxymap unix - - n - - proxymap
                cleanup unix n - n - 0 cleanup
                pickup unix n - n 60 1 pickup
                qmgr unix n - n 300 1 qmgr

                """);
            Lab.Command.MustRun("sh", "-euc", """
                cd "$0"; mkdir data queue; chown postfix data; cd queue
                mkdir active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public pid
                chown postfix:postdrop *; chown root pid; chmod 700 *; chmod 730 maildrop; chmod 710 public; chmod 755 pid
                """, machine.FileOf("."));
        }
        return ["/usr/lib/postfix/sbin/master", "-c", machine.FileOf("."), "-s"];
    }

    // In the lab nobody answers who wants to know its clients' names.
    static string[] Nameless(Machine machine, params string[] program)
    {
        var switches = machine.FileOf("nsswitch.conf");
        File.WriteAllText(switches, "passwd: files\ngroup: files\nhosts: files\n");
        return ["unshare", "-m", "sh", "-c", $"mount --bind {switches} /etc/nsswitch.conf && exec \"$@\"", "sh", .. program];
    }

    public static string[] MariaDb(Machine machine)
    {
        var data = machine.FileOf("data");
        string[] common = ["--no-defaults", $"--datadir={data}", "--user=root", "--innodb=OFF", "--default-storage-engine=Aria"];
        if (!Directory.Exists(data))
        {
            Once(machine, data, () => Lab.Command.MustRun("mariadb-install-db", [.. common, "--auth-root-authentication-method=normal", "--skip-test-db"]));
            File.WriteAllText(machine.FileOf("init.sql"), "CREATE USER IF NOT EXISTS lvs@'%' IDENTIFIED BY 'wobble';\n");
        }
        // It blocks whom it takes for a stranger that never logs in; probes are not to be taken for one.
        return Nameless(machine,
        [
            "mariadbd", .. common, "--max-connect-errors=20", "--bind-address=0.0.0.0", $"--socket={machine.FileOf("socket")}", $"--pid-file={machine.FileOf("pid")}", $"--init-file={machine.FileOf("init.sql")}",
            "--aria-pagecache-buffer-size=8M", "--key-buffer-size=1M", "--performance-schema=OFF",
        ]);
    }

    public static string[] Postgres(Machine machine)
    {
        const string Programs = "/usr/lib/postgresql";
        // It refuses to run as root.
        string[] nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        var folder = Directory.GetDirectories(Programs).Order().Last();
        var data = machine.FileOf("data");
        if (!Directory.Exists(data))
        {
            Once(machine, data, () =>
            {
                Directory.CreateDirectory(data);
                Lab.Command.MustRun("chown", "65534:65534", data);
                Lab.Command.MustRun(nobody[0], [.. nobody[1..], $"{folder}/bin/initdb", "-D", data, "-A", "trust", "-N", "-U", "postgres", "--no-locale", "-E", "UTF8"]);
                File.AppendAllText(Path.Combine(data, "pg_hba.conf"), "host all all 0.0.0.0/0 trust\n");
            });
        }
        string[] settings = ["listen_addresses=*", "unix_socket_directories=", "fsync=off", "shared_buffers=4MB", "autovacuum=off"];
        return [.. nobody, $"{folder}/bin/postgres", "-D", data, .. settings.SelectMany(s => (string[])["-c", s])];
    }

    // Making an empty database takes seconds; the second of a pair begins with a copy of the first one's.
    static void Once(Machine machine, string data, Action make)
    {
        var fresh = machine.FileOf($"../{machine.Name.Split('-')[0]}-fresh");
        if (Directory.Exists(fresh))
        {
            Lab.Command.MustRun("cp", "-a", fresh, data);
            return;
        }
        make();
        Lab.Command.MustRun("cp", "-a", data, fresh);
    }

    public static string[] Redis(Machine machine) => ["redis-server", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "", "--dir", machine.FileOf(".")];
}
