using System.Collections.Immutable;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>Which upstreams of a service an operator wants tried first. Immutable, any thread.</summary>
internal sealed class OrderResource(AdminTarget target) : OverrideResource<OrderDocument>(Path, "order", target, DocumentContext.Default.OrderDocument)
{
    public const string Path = "/v1/services/{service}/order";

    protected override (OrderDocument? Document, string Tag) Find(AdminRequest request)
    {
        string service = request.Segment("service");
        return Store.FindOrder(service) is var (set, tag)
            ? (StatusDocuments.From(set), tag)
            : throw Refusal.NotFound($"there is no service \"{service}\"; {StatusRoutes.Status} lists all");
    }

    protected override void Name(AdminRequest request, Change change) => change.Service = request.Segment("service");

    protected override async Task<(Func<string?, OverrideOutcome> Set, string Result)> ReadAsync(AdminRequest request, Change change)
    {
        JsonBody body = await request.ReadObjectAsync("names", "reason", "for");
        OverrideRequest wanted = ReadRequest(request, body, change);
        ImmutableArray<string> names = body.Texts("names");
        return (tag => Store.SetOrder(request.Segment("service"), names, wanted, tag), Result($"first {string.Join(", ", names)}", wanted));
    }

    protected override OrderDocument For(OrderDocument document, string? warning) => document with { Warning = warning };

    protected override OverrideOutcome Clear(AdminRequest request, string? expectedTag) => Store.ClearOrder(request.Segment("service"), expectedTag);
}
