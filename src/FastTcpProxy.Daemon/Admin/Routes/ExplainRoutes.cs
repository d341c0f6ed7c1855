using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.ProxyProtocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>What would happen to a client. Immutable, any thread.</summary>
internal sealed class ExplainRoutes(AdminTarget target)
{
    public ImmutableArray<AdminRoute> Routes => [new(HttpMethods.Get, AdminPaths.Explain, GetAsync) { Query = ["service", "from"] }];

    private Task GetAsync(AdminRequest request)
    {
        string name = request.Query.Text("service")
            ?? throw Refusal.BadRequest("query parameter \"service\" is missing, expected the name of a service");
        string text = request.Query.Text("from")
            ?? throw Refusal.BadRequest("query parameter \"from\" is missing, expected the address of a client");
        if (ValueText.ReadAddress(text, out IPAddress from) is { } wrong) throw Refusal.BadRequest($"query parameter \"from\" is {wrong}");
        ProcessFacts process = new(
            target.State == ProcessState.Serving,
            target.Proxy.Engine.Sessions,
            target.Reload.Current.Configuration.Engine.MaxSessions,
            target.Proxy.Engine.Descriptors.SessionCapacity);
        GuardState guards = target.Proxy.Engine.Guards;
        InetEndPoint client = InetEndPoint.FromIPEndPoint(new IPEndPoint(from, 0));
        ExplainFacts service = target.Proxy.Status.Find(name, process, state =>
            target.Proxy.Entries.Name(guards.Look(state.Definition.Guards, state.Guarded, client, GuardState.NowUs(target.Time)), name))
            ?? throw Refusal.BadRequest(
                $"there is no service \"{name}\", expected one of {string.Join(", ", target.Proxy.Composer.Services.Select(s => s.Name))}");
        return Answer.JsonAsync(request.Context, ExplainDocuments.From(service, from, target.Observed()),
            DocumentContext.Default.ExplainDocument);
    }
}
