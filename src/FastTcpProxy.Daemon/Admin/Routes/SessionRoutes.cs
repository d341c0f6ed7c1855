using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.ProxyProtocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>Open sessions: lists and resets them. Immutable, any thread; the work is done inside the engine's loops, a few sessions at a
/// time.</summary>
internal sealed class SessionRoutes(AdminTarget target)
{
    public ImmutableArray<AdminRoute> Routes =>
    [
        new(HttpMethods.Get, AdminPaths.Sessions, ListAsync) { Query = ["service", "upstream", "client", "limit"] },
        Change.Route(HttpMethods.Delete, AdminPaths.Sessions, "kill-sessions", target,
            KillAsync) with { Query = ["service", "upstream", "client", "all"] },
        Change.Route(HttpMethods.Delete, AdminPaths.Session, "kill-session", target, KillOneAsync),
    ];

    /// <summary>Unknown names are no error: a session outlives the service that a reload took away.</summary>
    private static SessionFilter ReadFilter(RequestQuery query)
    {
        IPNetwork? client = null;
        if (query.Text("client") is { } text)
        {
            if (ValueText.ReadNetwork(text, out IPNetwork network) is { } wrong)
                throw Refusal.BadRequest($"query parameter \"client\" is {wrong}");
            client = network;
        }
        return new SessionFilter(query.Text("service"), query.Text("upstream"), client);
    }

    private SessionDocument From(SessionView session) => new(
        target.Proxy.Engine.SessionIds.ToText(session.Id),
        session.Service,
        session.Listener,
        Text(session.Peer),
        Text(session.Client),
        session.Upstream,
        session.UpstreamAddress?.Text,
        StatusDocuments.Word(session.State),
        StatusDocuments.Time(session.StartedAt),
        session.BytesFromClient,
        session.BytesFromUpstream,
        session.IdleMs);

    private static string? Text(InetEndPoint end) => end.Family == EndPointFamily.Unspecified ? null : end.ToString();

    private async Task ListAsync(AdminRequest request)
    {
        int limit = (int)(request.Query.Number("limit", 1, ProxyEngine.SessionsListedMax) ?? SessionChoice.ListedDefault);
        // One more than is shown tells whether there are more.
        ImmutableArray<SessionView> found = await target.Proxy.Engine.ListSessionsAsync(ReadFilter(request.Query), limit + 1);
        SessionsDocument document = new([.. found.Take(limit).Select(From)], found.Length > limit,
            StatusDocuments.From((await target.Generations()).Named));
        await Answer.JsonAsync(request.Context, document, DocumentContext.Default.SessionsDocument);
    }

    private async Task KillAsync(AdminRequest request, Change change)
    {
        SessionFilter filter = ReadFilter(request.Query);
        change.Service = filter.Service;
        change.Upstream = filter.Upstream;
        bool all = request.Query.Flag("all");
        if (all == (filter != SessionFilter.All))
            throw Refusal.BadRequest("expected a filter: service, upstream or client, or all=true alone for every session");
        string client = filter.Client is { } network ? $", client {network}" : "";
        int killed = await target.Proxy.Engine.KillSessionsAsync(filter);
        change.Done($"killed {killed}{client}");
        await Answer.JsonAsync(request.Context, new KilledDocument(killed), DocumentContext.Default.KilledDocument);
    }

    private async Task KillOneAsync(AdminRequest request, Change change)
    {
        string text = request.Segment("id");
        if (!SessionIds.IsIdOrNumber(text))
            throw Refusal.BadRequest($"\"{text}\" is not a session, expected its id, as a list of sessions shows it");
        SessionIds ids = target.Proxy.Engine.SessionIds;
        if (!ids.TryRead(text, out long id))
            throw Refusal.NotFound($"session {text} is one of another process, expected an id that begins with {ids.Process}");
        int killed = await target.Proxy.Engine.KillSessionsAsync(new SessionFilter(Id: id));
        if (killed == 0) throw Refusal.NotFound($"there is no session {ids.ToText(id)}, or it has closed");
        change.Done($"killed {ids.ToText(id)}");
        await Answer.JsonAsync(request.Context, new KilledDocument(killed), DocumentContext.Default.KilledDocument);
    }
}
