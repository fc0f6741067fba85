using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lvsctl.Core.Model;
using Lvsctl.Kernel.Tests.Lab;

namespace Lvsctl.Kernel.Tests.Health;

/// <summary>A virtual service with one kind of probe, and a client's way to use it.</summary>
/// <param name="Machines">Whose program serves it.</param>
/// <param name="Port">Of the virtual service; <paramref name="ServerPort"/> is the servers'.</param>
/// <param name="Check">As the manifest has it.</param>
/// <param name="Exchange">Null where the probe looks at something that clients do not use.</param>
/// <param name="Faults">What the probe can notice.</param>
sealed record Service(string Name, string Machines, TransportProtocol Protocol, ushort Port, ushort ServerPort, string Check, Action<IPEndPoint>? Exchange, IReadOnlyList<Fault> Faults)
{
    public ServiceKey Key => ServiceKey.At(Protocol, Farm.VirtualAddress, Port);
}

/// <summary>
/// A client, a director and pairs of real servers behind it, each a machine of its own, balanced by NAT; each service of the manifest is
/// probed in the way of its kind. Servers "a" suffer, servers "b" stay well.
/// </summary>
sealed class Farm : IDisposable
{
    public const int Fall = 2, Rise = 2;

    /// <summary>In a check, each server's own.</summary>
    const string Address = "ADDRESS";

    const string NameOfCertificate = "lab.test";

    public static readonly IPAddress VirtualAddress = IPAddress.Parse("10.9.1.200");
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1500);
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(1000);

    static readonly Fault[] s_all = Enum.GetValues<Fault>();

    readonly string _folder = Directory.CreateTempSubdirectory("lvsctl-faults-").FullName;
    readonly LabHost _outside = new(), _inside = new();
    readonly Dictionary<string, (Machine A, Machine B)> _machines = [];

    public Farm()
    {
        foreach (var network in (LabHost[])[_outside, _inside])
        {
            network.Run("ip", "link", "add", "bridge", "type", "bridge");
            network.Run("ip", "link", "set", "bridge", "up");
        }
        Client.Wire(_outside, "bridge", "10.9.1.12/24");
        Client.Run("ip", "route", "add", "default", "via", "10.9.1.1");
        Director.Wire(_outside, "bridge", "10.9.1.1/24");
        Director.Run("ip", "addr", "add", $"{VirtualAddress}/32", "dev", "eth0");
        Director.Wire(_inside, "bridge", "10.9.2.1/24", "eth1");
        Director.Run("busybox", "sysctl", "-qw", "net.ipv4.ip_forward=1");

        // Some servers are not root.
        Command.MustRun("chmod", "755", _folder);
        MakeCertificates();
        File.WriteAllText(FileOf("secret"), "wobble\n");
        File.WriteAllText(FileOf("ask"), $"""
            #!/bin/sh
            read fault <{FileOf(Machine.FileOfFault("$LVSCTL_ADDRESS"))} 2>/dev/null || exit 0
            case $fault in
                Stop) echo "it is gone"; exit 1 ;;
                Hang) sleep 60 ;;
                Slow) sleep {(Timeout * 1.5).TotalSeconds} ;;
                Corrupt) kill -SEGV $$ ;;
            esac

            """);
        Command.MustRun("chmod", "755", FileOf("ask"));
        AddMachines("web", Programs.Nginx);
        AddMachines("echo", Programs.Echo);
        AddMachines("names", Programs.Dnsmasq);
        AddMachines("mail", Programs.Postfix);
        AddMachines("mariadb", Programs.MariaDb);
        AddMachines("postgres", Programs.Postgres);
        AddMachines("redis", Programs.Redis);
        Services =
        [
            new("http", "web", TransportProtocol.Tcp, 80, 80, "{ http: { body: { contains: well } } }", Exchange.Http, s_all),
            new("https", "web", TransportProtocol.Tcp, 443, 443, $$"""{ https: { tls: { server-name: {{NameOfCertificate}}, ca-file: {{FileOf("ca.pem")}}, expires-within: 1d } } }""", Exchange.Https, s_all),
            new("tcp", "echo", TransportProtocol.Tcp, 7, 7, "{ tcp: { send: hello, expect: hello } }", Exchange.Echo, s_all),
            new("udp", "echo", TransportProtocol.Udp, 7, 7, "{ udp: { send: hello, expect: hello } }", Exchange.UdpEcho, s_all),
            // A silent service, of which nothing can be seen but that its port is closed.
            new("udp-silent", "echo", TransportProtocol.Udp, 70, 7, "{ udp: { send: hello, accept-silence: true } }", null, [Fault.Stop]),
            new("icmp", "echo", TransportProtocol.Tcp, 71, 7, "{ icmp: }", null, [Fault.Slow, Fault.Blackhole, Fault.Unplug]),
            new("exec", "echo", TransportProtocol.Tcp, 72, 7, $$"""{ exec: { command: [ {{FileOf("ask")}} ], user: nobody } }""", null, [Fault.Stop, Fault.Hang, Fault.Slow, Fault.Corrupt]),
            new("file", "echo", TransportProtocol.Tcp, 73, 7, $$"""{ file: { path: {{FileOf(Machine.FileOfFault(Address))}}, expect: absent } }""", null, s_all),
            new("dns", "names", TransportProtocol.Udp, 53, 53, "{ dns: { name: shop.example, expect: 192.0.2.80 } }", Exchange.Dns, s_all),
            new("dns-tcp", "names", TransportProtocol.Tcp, 53, 53, "{ dns: { name: shop.example, transport: tcp } }", Exchange.DnsOverTcp, s_all),
            new("smtp", "mail", TransportProtocol.Tcp, 25, 25, "{ smtp: { helo: director.example } }", Exchange.Smtp, s_all),
            new("smtp-tls", "mail", TransportProtocol.Tcp, 587, 25, $$"""{ smtp: { starttls: { server-name: {{NameOfCertificate}}, ca-file: {{FileOf("ca.pem")}}, expires-within: 1d } } }""", Exchange.Smtp, s_all),
            new("mysql", "mariadb", TransportProtocol.Tcp, 3306, 3306, $$"""{ mysql: { user: lvs, password-file: {{FileOf("secret")}}, role: primary } }""", Exchange.MySql, s_all),
            new("mysql-anybody", "mariadb", TransportProtocol.Tcp, 3307, 3306, "{ mysql: {} }", Exchange.MySql, s_all),
            new("postgres", "postgres", TransportProtocol.Tcp, 5432, 5432, "{ postgres: {} }", Exchange.Postgres, s_all),
            new("redis", "redis", TransportProtocol.Tcp, 6379, 6379, "{ redis: { role: primary } }", Exchange.Redis, s_all),
        ];
        File.WriteAllText(FileOf("cluster.yaml"), Manifest());
    }

    public Stopwatch Clock { get; } = Stopwatch.StartNew();

    public LabHost Client { get; } = new();

    public LabHost Director { get; } = new();

    public IReadOnlyList<Service> Services { get; }

    public IEnumerable<(Machine A, Machine B)> Machines => _machines.Values;

    public Machine VictimOf(Service service) => _machines[service.Machines].A;

    public Passes Begin() => new(Director, Clock, Interval, "--manifest", FileOf("cluster.yaml"), "--state-dir", FileOf("state"));

    public void Dispose()
    {
        foreach (var (a, b) in Machines)
        {
            a.Dispose();
            b.Dispose();
        }
        foreach (var host in (LabHost[])[Client, Director, _inside, _outside]) host.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    string FileOf(string name) => Path.Combine(_folder, name);

    void AddMachines(string name, Func<Machine, string[]> program)
    {
        var number = 10 * (_machines.Count + 1);
        _machines.Add(name, (Add("a", number), Add("b", number + 1)));

        Machine Add(string which, int last) => new($"{name}-{which}", IPAddress.Parse($"10.9.2.{last}"), _inside, "bridge", "10.9.2.1", _folder, program);
    }

    string Manifest()
    {
        var text = new StringBuilder($$"""
            settings: { expire-nodest-conn: true }
            defaults: { checks: { every: {{Interval.TotalMilliseconds}}ms, timeout: {{Timeout.TotalMilliseconds}}ms, rise: {{Rise}}, fall: {{Fall}} } }
            services:

            """);
        foreach (var service in Services)
        {
            var (a, b) = _machines[service.Machines];
            string Server(Machine m) => $$"""{ address: {{m.Address}}, port: {{service.ServerPort}}, check: {{service.Check.Replace(Address, $"{m.Address}", StringComparison.Ordinal)}} }""";
            text.Append($$"""
                  {{service.Name}}:
                    listen: {{(service.Protocol == TransportProtocol.Udp ? "udp" : "tcp")}} {{VirtualAddress}}:{{service.Port}}
                    scheduler: rr
                    forward: nat
                    servers: { a: {{Server(a)}}, b: {{Server(b)}} }

                """);
        }
        return text.ToString();
    }

    void MakeCertificates()
    {
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=the lab's authority", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = request.CreateSelfSigned(from, to);
        using var key = RSA.Create(2048);
        request = new CertificateRequest($"CN={NameOfCertificate}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(NameOfCertificate);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(authorityKey), from, to, [1, 2, 3]);
        File.WriteAllText(FileOf("ca.pem"), authority.ExportCertificatePem());
        File.WriteAllText(FileOf("server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(FileOf("server.key"), key.ExportPkcs8PrivateKeyPem());
        Command.MustRun("chmod", "600", FileOf("server.key"));
    }
}
