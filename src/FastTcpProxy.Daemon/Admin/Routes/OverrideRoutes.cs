using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>
/// The overrides of upstreams, and the order of a service's upstreams. Every change names the state that it was made for, so that of two
/// operators the second one gets an error. Immutable, any thread.
/// </summary>
internal sealed class OverrideRoutes(AdminTarget target)
{
    public ImmutableArray<AdminRoute> Routes => [.. At(AdminPaths.Override, "override"), .. At(AdminPaths.Order, "order")];

    private OverrideStore Store => target.Proxy.Overrides;

    /// <param name="word">What a change is called in the audit.</param>
    private AdminRoute[] At(string path, string word) =>
    [
        new(HttpMethods.Get, path, GetAsync),
        Change.Route(HttpMethods.Put, path, word, target, PutAsync),
        Change.Route(HttpMethods.Delete, path, "clear-" + word, target, DeleteAsync),
    ];

    private static OverrideKey Key(AdminRequest request) => new(request.Segment("service"), request.SegmentOrNull("upstream"));

    /// <summary>The same, noted for the audit.</summary>
    private static OverrideKey Key(AdminRequest request, Change change)
    {
        OverrideKey key = Key(request);
        (change.Service, change.Upstream) = (key.Service, key.Upstream);
        return key;
    }

    private static OverrideState ReadState(string word) => word switch
    {
        "enabled" => OverrideState.Enabled,
        "disabled" => OverrideState.Disabled,
        "draining" => OverrideState.Draining,
        _ => throw Refusal.BadRequest($"key \"state\" is \"{word}\", expected enabled, disabled or draining"),
    };

    private static async Task<(Override Wanted, TimeSpan? Time)> ReadAsync(AdminRequest request, OverrideKey key, Change change)
    {
        JsonBody body = await request.ReadObjectAsync(key.Upstream is null ? "names" : "state", "reason", "for");
        change.Reason = body.TextOrNull("reason");
        TimeSpan? time = null;
        if (body.TextOrNull("for") is { } text)
        {
            if (ValueText.ReadDuration(text, OverrideLimits.ForMin, OverrideLimits.ForMax, out TimeSpan read) is { } wrong)
                throw Refusal.BadRequest($"key \"for\" is {wrong}");
            time = read;
        }
        (string reason, string author) = (change.Reason ?? "", request.Caller.Author);
        return (key.Upstream is { } upstream
            ? new UpstreamOverride(key.Service, upstream, ReadState(body.Text("state")), reason, author)
            : new OrderOverride(key.Service, body.Texts("names"), reason, author), time);
    }

    private Task GetAsync(AdminRequest request)
    {
        OverrideOutcome found = Check(Store.Find(Key(request)));
        return AnswerAsync(request, StatusDocuments.From(found.Set), DocumentContext.Default.OverrideDocument, found.Tag);
    }

    private async Task PutAsync(AdminRequest request, Change change)
    {
        OverrideKey key = Key(request, change);
        EntityTag condition = request.RequireIfMatch();
        (Override wanted, TimeSpan? time) = await ReadAsync(request, key, change);
        OverrideOutcome outcome = Check(Store.Set(wanted, time, condition.Matches));
        string what = wanted is OrderOverride order ? $"first {string.Join(", ", order.Names)}" : wanted.What;
        change.Done(time is { } t ? $"{what} for {ValueText.WriteDuration(t)}" : what);
        await AnswerAsync(request, (OverrideDocument)Left(StatusDocuments.From(outcome.Set)!, key),
            DocumentContext.Default.OverrideDocument, outcome.Tag);
    }

    private async Task DeleteAsync(AdminRequest request, Change change)
    {
        OverrideKey key = Key(request, change);
        OverrideOutcome outcome = Check(Store.Clear(key, request.RequireIfMatch().Matches));
        change.Done("cleared");
        await AnswerAsync(request, Left(new ChangeDocument(), key), DocumentContext.Default.ChangeDocument, outcome.Tag);
    }

    /// <summary>The answer to a change, with what it leaves: the client need not ask for that.</summary>
    private ChangeDocument Left(ChangeDocument answer, OverrideKey key)
    {
        if (target.Proxy.Status.Services.FirstOrDefault(s => s.Name == key.Service) is not { } status) return answer;
        ServiceDocument service = StatusDocuments.From(status, target.Observed());
        return answer with { Warning = LeftText.Warning(service), Stored = Store.IsStored, Service = service };
    }

    private static OverrideOutcome Check(OverrideOutcome outcome) => outcome.Error switch
    {
        OverrideError.None => outcome,
        OverrideError.NotFound => throw Refusal.NotFound($"{outcome.Detail}; {AdminPaths.Status} lists all"),
        OverrideError.TagMismatch => throw Refusal.Changed(outcome.Tag, StatusDocuments.From(outcome.Set),
            DocumentContext.Default.OverrideDocument),
        OverrideError.NotStored => throw new Refusal(StatusCodes.Status507InsufficientStorage, outcome.Detail),
        _ => throw Refusal.BadRequest(outcome.Detail),
    };

    private static Task AnswerAsync<T>(AdminRequest request, T? document, JsonTypeInfo<T> shape, string tag)
        where T : ChangeDocument
    {
        // So that a client can tell what is its own. Names are bytes to the system, and fields are ASCII.
        request.Context.Response.Headers[Caller.HeaderName] = Uri.EscapeDataString(request.Caller.Author);
        return Answer.JsonAsync(request.Context, document!, shape, tag: tag);
    }
}
