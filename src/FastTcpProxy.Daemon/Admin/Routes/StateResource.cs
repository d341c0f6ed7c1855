using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>What an operator says of an upstream. Immutable, any thread.</summary>
internal sealed class StateResource(AdminTarget target) : OverrideResource<OverrideDocument>(Path, "override", target, DocumentContext.Default.OverrideDocument)
{
    public const string Path = "/v1/services/{service}/upstreams/{upstream}/override";

    protected override (OverrideDocument? Document, string Tag) Find(AdminRequest request)
    {
        (string service, string upstream) = (request.Segment("service"), request.Segment("upstream"));
        return Store.Find(service, upstream) is var (set, tag)
            ? (StatusDocuments.From(set), tag)
            : throw Refusal.NotFound($"there is no service \"{service}\" with an upstream \"{upstream}\"; {StatusRoutes.Status} lists all");
    }

    protected override void Name(AdminRequest request, Change change)
    {
        change.Service = request.Segment("service");
        change.Upstream = request.Segment("upstream");
    }

    protected override async Task<(Func<string?, OverrideOutcome> Set, string Result)> ReadAsync(AdminRequest request, Change change)
    {
        JsonBody body = await request.ReadObjectAsync("state", "reason", "for");
        OverrideRequest wanted = ReadRequest(request, body, change);
        OverrideState state = body.Text("state") switch
        {
            "enabled" => OverrideState.Enabled,
            "disabled" => OverrideState.Disabled,
            "draining" => OverrideState.Draining,
            { } word => throw Refusal.BadRequest($"key \"state\" is \"{word}\", expected enabled, disabled or draining"),
        };
        return (tag => Store.Set(request.Segment("service"), request.Segment("upstream"), state, wanted, tag), Result(StatusDocuments.Word(state), wanted));
    }

    protected override OverrideDocument For(OverrideDocument document, string? warning) => document with { Warning = warning };

    protected override OverrideOutcome Clear(AdminRequest request, string? expectedTag) => Store.Clear(request.Segment("service"), request.Segment("upstream"), expectedTag);
}
