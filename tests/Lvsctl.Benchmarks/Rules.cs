using System.Net;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Benchmarks;

/// <summary>A table of so many services with so many servers each, as ipvsadm-save text, as a manifest and as changes.</summary>
sealed class Rules(int services, int serversEach)
{
    public override string ToString() => $"{services} services x {serversEach} servers";

    public void WriteTo(string path)
    {
        using var file = new StreamWriter(path);
        foreach (var service in Services())
        {
            file.Write($"-A -t {service} -s rr\n");
            foreach (var server in Servers()) file.Write($"-a -t {service} -r {server} -g -w 1\n");
        }
    }

    public void WriteManifestTo(string path)
    {
        using var file = new StreamWriter(path);
        file.Write("services:\n");
        foreach (var (i, service) in Services().Index())
        {
            file.Write($"  service{i}:\n    listen: tcp {service}\n    scheduler: rr\n    forward: dr\n    servers:\n");
            foreach (var (n, server) in Servers().Index()) file.Write($"      rs{n}: {{ address: {server.Address}, weight: 1 }}\n");
        }
    }

    /// <summary>Empties the table. A program that did nothing would be fast: the table must be as large as the rules.</summary>
    public void CheckAndClear(IpvsClient client)
    {
        var table = client.ReadTableOnce();
        var (entries, wanted) = (table.Count + table.Sum(p => p.Servers.Count), services * (1 + serversEach));
        if (entries != wanted) throw new InvalidOperationException($"the table holds {entries} entries of {wanted}");
        client.Apply([new TableChange.Flush()]);
    }

    public IEnumerable<TableChange> Changes()
    {
        foreach (var service in Services())
        {
            var key = ServiceKey.At(TransportProtocol.Tcp, service.Address, (ushort)service.Port);
            yield return new TableChange.AddService(new VirtualService(key) { Scheduler = "rr" });
            foreach (var server in Servers()) yield return new TableChange.AddServer(key, new RealServer(new RealServerKey(server.Address, (ushort)server.Port)));
        }
    }

    IEnumerable<IPEndPoint> Services() => Enumerable.Range(0, services).Select(i => new IPEndPoint(new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), 80));

    IEnumerable<IPEndPoint> Servers() => Enumerable.Range(0, serversEach).Select(i => new IPEndPoint(new IPAddress([192, 168, (byte)(i >> 8), (byte)(i + 1)]), 80));
}
