using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Entries;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>What holds for an address at each service. Immutable, any thread.</summary>
internal sealed class BlockCheck(AdminTarget target)
{
    public Task GetAsync(AdminRequest request)
    {
        string text = request.Query.Text("address")
            ?? throw Refusal.BadRequest("query parameter \"address\" is missing, expected the address of a client");
        if (ValueText.ReadAddress(text, out IPAddress address) is { } wrong)
            throw Refusal.BadRequest($"query parameter \"address\" is {wrong}");
        return Answer.JsonAsync(request.Context,
            new BlockCheckDocument(address.ToString(), [.. target.Proxy.Composer.Services.Select(s => Check(s, address))]),
            DocumentContext.Default.BlockCheckDocument);
    }

    private ServiceCheckDocument Check(ActiveService service, IPAddress address)
    {
        InetEndPoint client = InetEndPoint.FromIPEndPoint(new IPEndPoint(address, 0));
        GuardView unnamed = target.Proxy.Engine.Guards.Look(service.State.Definition.Guards, service.State.Guarded, client,
            GuardState.NowUs(target.Time));
        GuardView guards = target.Proxy.Entries.Name(unnamed, service.Name);
        StoredEntry? entry = unnamed.Decisive is { Origin: null } made ? target.Proxy.Entries.Find(made.Entry, service.Name) : null;
        SourceState? source = guards.Source;
        return new ServiceCheckDocument(
            service.Name,
            Word(guards),
            GuardText.Describe(guards),
            entry is null ? null : BlockDocuments.From(entry, target.Proxy),
            guards.Policy.PerSource.Connections.IsLimited ? source?.TokensLeft : null,
            Later(source?.RoomAtUs, guards),
            Later(source?.BannedUntilUs, guards),
            service.Configuration.Settings.AcceptProxy?.From.Contains(client) == true,
            UpstreamsAt(service, address));
    }

    private static string Word(GuardView guards) => guards.Listed switch
    {
        NetworkVerdict.Allowed => "allowed",
        NetworkVerdict.Denied => "denied",
        _ when !guards.Policy.ServesUnlisted => "notAllowed",
        _ => guards.SourceVerdict switch
        {
            SourceVerdict.Admitted => "served",
            SourceVerdict.Banned => "banned",
            _ => "limited",
        },
    };

    /// <summary>The moment as a time; null where it has passed.</summary>
    private DateTime? Later(long? atUs, GuardView guards) => atUs > guards.NowUs
        ? StatusDocuments.Time(target.Time.GetUtcNow() + TimeSpan.FromMicroseconds(atUs.Value - guards.NowUs)) : null;

    private static ImmutableArray<string> UpstreamsAt(ActiveService service, IPAddress address) =>
    [
        .. service.Rotation.Places
            .Where(p => p.Definition.Addresses.Any(a => IPEndPoint.TryParse(a.Text, out IPEndPoint? end) && end.Address.Equals(address)))
            .Select(p => p.Configuration.Name),
    ];
}
