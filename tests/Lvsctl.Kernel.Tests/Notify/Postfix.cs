using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Notify;

/// <summary>A mail as it arrived.</summary>
/// <param name="QueueId">Later ones sort behind.</param>
sealed record ReceivedMail(string QueueId, string Text)
{
    public string Header(string name) => Regex.Match(Text, $"^{name}: (.*(?:\n[ \t].*)*)", RegexOptions.Multiline).Groups[1].Value;
}

/// <summary>Postfix with a configuration of its own, on loopback. What it takes is put into one folder.</summary>
sealed partial class Postfix : IDisposable
{
    const string Master = "/usr/lib/postfix/sbin/master";

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-postfix-").FullName;
    Process? _process;

    public Postfix()
    {
        Assert.SkipUnless(File.Exists(Master) && Environment.IsPrivilegedProcess, "needs root and postfix, which scripts/test installs for the lab");
        Port = FreePort();
        Command.MustRun("chmod", "755", _folder);
        Command.MustRun("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", FileOf("key.pem"), "-out", CaFile);
        File.WriteAllText(FileOf("master.cf"), $"""
            127.0.0.1:{Port} inet n - n - - smtpd
            postlog unix-dgram n - n - 1 postlogd
            anvil unix - - n - 1 anvil
            tlsmgr unix - - n 1000? 1 tlsmgr
            rewrite unix - - n - - trivial-rewrite
            proxymap unix - - n - - proxymap
            cleanup unix n - n - 0 cleanup
            pickup unix n - n 60 1 pickup
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            qmgr unix n - n 300 1 qmgr
            virtual unix - n n - - virtual

            """);
        Command.MustRun("sh", "-euc", """
            cd "$0"; mkdir data queue mail; chown postfix data; chown nobody mail; cd queue
            mkdir active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public pid
            chown postfix:postdrop *; chown root pid; chmod 700 *; chmod 730 maildrop; chmod 710 public; chmod 755 pid
            """, _folder);
    }

    public ushort Port { get; }

    // None that the kernel gives to whoever connects: until postfix is there, one of other tests' many connections might have it.
    static ushort FreePort()
    {
        for (ushort port = 20_025; ; port++)
        {
            try
            {
                using var free = new TcpListener(IPAddress.Loopback, port);
                free.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody listens there.
            }
        }
    }

    public string CaFile => FileOf("cert.pem");

    string FileOf(string name) => Path.Combine(_folder, name);

    /// <param name="access">Rules for receivers, such as <c>{all@shop.example=450 later}</c>.</param>
    public void Start(string access)
    {
        File.WriteAllText(FileOf("main.cf"), $"""
            compatibility_level = 3.6
            queue_directory = {FileOf("queue")}
            data_directory = {FileOf("data")}
            maillog_file = {FileOf("mail.log")}
            maillog_file_prefixes = /tmp
            myhostname = mail.example
            mydestination =
            inet_protocols = ipv4
            enable_long_queue_ids = yes
            smtpd_peername_lookup = no
            smtpd_tls_security_level = may
            smtpd_tls_chain_files = {FileOf("key.pem")}, {CaFile}
            smtpd_tls_received_header = yes
            smtpd_recipient_restrictions = check_recipient_access inline:{'{'} {access} {'}'}, reject_unauth_destination
            alias_maps =
            alias_database =
            virtual_mailbox_domains = shop.example
            virtual_mailbox_base = {FileOf("mail")}
            virtual_mailbox_maps = static:all/
            virtual_uid_maps = static:65534
            virtual_gid_maps = static:65534

            """);
        _process = Process.Start(new ProcessStartInfo("setsid", (string[])[Master, "-c", _folder, "-s"]))!;
    }

    // setsid becomes master; it and its children are one process group.
    int Group => _process!.Id;

    /// <summary>It stands still, and the kernel accepts connections for it.</summary>
    public void Halt() => Command.MustRun("kill", "-STOP", "--", $"-{Group}");

    public void Continue() => Command.MustRun("kill", "-CONT", "--", $"-{Group}");

    public void Stop()
    {
        if (_process is null) return;
        Command.Run("kill", "-KILL", "--", $"-{Group}");
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>In the order in which they were taken.</summary>
    public List<ReceivedMail> Mails
    {
        get
        {
            var folder = FileOf("mail/all/new");
            if (!Directory.Exists(folder)) return [];
            return [.. Directory.GetFiles(folder).Select(File.ReadAllText).Select(t => new ReceivedMail(QueueId().Match(t).Groups[1].Value, t)).OrderBy(m => m.QueueId, StringComparer.Ordinal)];
        }
    }

    public string Log => File.Exists(FileOf("mail.log")) ? File.ReadAllText(FileOf("mail.log")) : "";

    public void Dispose()
    {
        Stop();
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex(@"with ESMTPS? id (\w+)")]
    private static partial Regex QueueId();
}
