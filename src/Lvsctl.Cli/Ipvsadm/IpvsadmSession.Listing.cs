using System.Text.Json;
using Lvsctl.Cli.Ipvsadm.Listing;
using Lvsctl.Cli.Ipvsadm.Parsing;
using Lvsctl.Core.Model;
using Lvsctl.Linux.Ipvs;

namespace Lvsctl.Cli.Ipvsadm;

sealed partial class IpvsadmSession
{
    int List(IpvsClient kernel, ListRequest request)
    {
        try
        {
            return request.Subject switch
            {
                ListSubject.Connections => ListConnections(request),
                ListSubject.Timeouts => ListTimeouts(kernel, request),
                ListSubject.Daemons => ListDaemons(kernel, request),
                _ => ListTable(kernel, request),
            };
        }
        catch (IpvsException failure)
        {
            Complain(KernelRefusal.Text(failure));
            return ListFailed;
        }
    }

    int ListTable(IpvsClient kernel, ListRequest request)
    {
        IReadOnlyList<ObservedService> services;
        if (request.Subject == ListSubject.OneService)
        {
            if (kernel.FindService(request.Service) is not { } service)
            {
                Complain(KernelRefusal.NoSuchService);
                return ListFailed;
            }
            services = [service];
        }
        else
        {
            var found = kernel.ListServices();
            services = request.Sorted ? ListingOrder.Sorted(found) : found;
        }

        if (request.Json)
        {
            WriteJson(json => JsonListing.WriteTable(json, kernel.GetInfo(), Pools(kernel, services, request.Sorted)));
            return Done;
        }

        var listing = new TableListing(_output, new EndpointNames(environment.Names, request.Numeric), request);
        if (request.Subject == ListSubject.Table) listing.WriteVersion(kernel.GetInfo());
        listing.WriteTitles();
        var file = request is { Subject: ListSubject.Table, Columns: TableColumns.Connections } ? environment.ReadTableFile() : null;
        foreach (var service in services)
        {
            var key = service.Service.Key;
            listing.WriteService(service);
            if (file is not null && file.TryGetServers(key, out var rows))
            {
                foreach (var row in request.Sorted ? ListingOrder.Sorted(rows) : rows) listing.WriteServer(key.Protocol, row);
                continue;
            }
            var servers = kernel.ListServers(key);
            foreach (var server in request.Sorted ? ListingOrder.Sorted(servers) : servers) listing.WriteServer(key.Protocol, server);
        }
        return Done;
    }

    static IEnumerable<ObservedPool> Pools(IpvsClient kernel, IReadOnlyList<ObservedService> services, bool sorted)
    {
        foreach (var service in services)
        {
            var servers = kernel.ListServers(service.Service.Key);
            yield return new ObservedPool(service, sorted ? ListingOrder.Sorted(servers) : servers);
        }
    }

    int Save(IpvsClient kernel, bool numeric, bool full)
    {
        var saved = new SavedTable(_output, new EndpointNames(environment.Names, numeric), full);
        try
        {
            foreach (var pool in Pools(kernel, ListingOrder.Sorted(kernel.ListServices()), sorted: true))
            {
                saved.WriteService(pool.Service.Service);
                foreach (var server in pool.Servers) saved.WriteServer(pool.Service.Service.Key, server.Server);
            }
            if (!full) return Done;
            saved.WriteTimeouts(kernel.GetTimeouts());
            foreach (var daemon in kernel.ListSyncDaemons()) saved.WriteDaemon(daemon);
            return Done;
        }
        catch (IpvsException failure)
        {
            Complain(KernelRefusal.Text(failure));
            return ListFailed;
        }
    }

    int ListTimeouts(IpvsClient kernel, ListRequest request)
    {
        var timeouts = kernel.GetTimeouts();
        if (request.Json) WriteJson(json => JsonListing.WriteTimeouts(json, timeouts));
        else SettingsListing.Write(_output, timeouts);
        return Done;
    }

    int ListDaemons(IpvsClient kernel, ListRequest request)
    {
        var daemons = kernel.ListSyncDaemons();
        if (request.Json) WriteJson(json => JsonListing.WriteDaemons(json, daemons));
        else foreach (var daemon in daemons) SettingsListing.Write(_output, daemon);
        return Done;
    }

    int ListConnections(ListRequest request)
    {
        StreamReader reader;
        try
        {
            reader = new StreamReader(environment.OpenConnections());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Complain($"cannot open file {IpvsadmEnvironment.ConnectionFile}");
            return ListFailed;
        }
        using (reader)
        {
            if (reader.ReadLine() is null)
            {
                Complain($"unexpected input from {IpvsadmEnvironment.ConnectionFile}");
                return ListFailed;
            }
            if (request.Json)
            {
                WriteJson(json => JsonListing.WriteConnections(json, Entries(reader)));
                return Done;
            }
            var names = new EndpointNames(environment.Names, request.Numeric);
            ConnectionListing.WriteTitles(_output, request.EngineData);
            foreach (var entry in Entries(reader)) ConnectionListing.WriteEntry(_output, names, entry, request.EngineData);
            return Done;
        }
    }

    static IEnumerable<ConnectionEntry> Entries(StreamReader reader)
    {
        while (reader.ReadLine() is { } line)
        {
            if (ConnectionEntry.Parse(line) is { } entry) yield return entry;
        }
    }

    void WriteJson(Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(_output, new JsonWriterOptions { Indented = true })) write(json);
        _output.WriteLine("");
    }
}
