using System.Collections.Immutable;
using System.Text;
using FastTcpProxy.Control.Entries;
using FastTcpProxy.Control.Guards;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Engine.Guards.Networks;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>The networks that are denied and allowed at run time. Immutable, any thread.</summary>
internal sealed class BlockRoutes(AdminTarget target)
{
    public ImmutableArray<AdminRoute> Routes =>
    [
        new(HttpMethods.Get, AdminPaths.Block, ListAsync) { Query = ["service", "action", "after", "since", "limit"] },
        Change.Route(HttpMethods.Post, AdminPaths.Block, "block", target, SetAsync),
        Change.Route(HttpMethods.Delete, AdminPaths.Block, "unblock", target, RemoveAsync) with
        {
            Query = ["network", "action", "service"],
        },
        Change.Route(HttpMethods.Post, AdminPaths.BlockImport, "block-import", target, ImportAsync) with
        {
            Query = ["action", "service", "for", "reason"], BodyBytesMax = EntryLimits.ImportBytesMax,
        },
        Change.Route(HttpMethods.Post, AdminPaths.BlockFlush, "block-flush", target, FlushAsync) with { Query = ["action", "service"] },
        new(HttpMethods.Get, AdminPaths.BlockCheck, new BlockCheck(target).GetAsync) { Query = ["address"] },
    ];

    private EntryStore Store => target.Proxy.Entries;

    private Task ListAsync(AdminRequest request)
    {
        int limit = (int)(request.Query.Number("limit", 1, AdminLimits.EntriesListedMax) ?? AdminLimits.EntriesListedDefault);
        EntryFilter filter = ReadFilter(request.Query);
        BlockDocument document;
        if (request.Query.Number("since", 0, long.MaxValue) is { } since)
        {
            if (filter != new EntryFilter() || request.Query.Text("after") is not null)
                throw Refusal.BadRequest("query parameter \"since\" is about all entries, expected no other but \"limit\" with it");
            ImmutableArray<EntryChange> changes = Store.Since(since, limit, out long now) ?? throw new Refusal(StatusCodes.Status410Gone,
                $"the changes since revision {since} are not known any more: read the whole list ({AdminPaths.Block})");
            bool hasMore = !changes.IsEmpty && changes[^1].Revision < now;
            // Of an entry that has changed twice the last counts.
            EntryChange[] last = [.. changes.GroupBy(c => c.Key).Select(g => g.Last()).OrderBy(c => c.Revision)];
            document = new BlockDocument(hasMore ? changes[^1].Revision : now, Store.Count, hasMore, Store.IsStored,
                [.. last.Where(c => c.Entry is not null).Select(c => BlockDocuments.From(c.Entry!, target.Proxy))],
                [.. last.Where(c => c.Entry is null).Select(c => BlockDocuments.From(c.Key))]);
        }
        else
        {
            EntryPage page = Store.List(filter, request.Query.Number("after", 0, long.MaxValue) ?? 0, limit);
            document = new BlockDocument(page.Revision, page.Total, page.HasMore, Store.IsStored,
                [.. page.Entries.Select(e => BlockDocuments.From(e, target.Proxy))], []);
        }
        return Answer.JsonAsync(request.Context, document, DocumentContext.Default.BlockDocument);
    }

    private async Task SetAsync(AdminRequest request, Change change)
    {
        JsonBody body = await request.ReadObjectAsync("network", "action", "service", "for", "expires", "reason");
        change.Service = body.TextOrNull("service");
        change.Reason = body.TextOrNull("reason");
        EntryKey key = new(ReadNetwork(body.Text("network"), "key"), ReadAction(body.TextOrNull("action"), "key") ?? NetworkAction.Deny,
            change.Service);
        if (EntryImport.ReadEnd(body.TextOrNull("for"), body.TextOrNull("expires"), Store.Now, out DateTimeOffset? end) is { } wrong)
            throw Refusal.BadRequest(wrong);
        EntryOrigin origin = request.Caller.Author.StartsWith(Caller.TokenPrefix, StringComparison.Ordinal)
            ? EntryOrigin.Api : EntryOrigin.Operator;
        EntryOutcome outcome = Check(Store.Set(key, end, change.Reason ?? "", request.Caller.Author, origin));
        change.Done($"{key}{(end is null ? "" : $", until {end:yyyy-MM-ddTHH:mm:ssZ}")}");
        await Answer.JsonAsync(request.Context, BlockDocuments.From(outcome.Entry!, target.Proxy), DocumentContext.Default.EntryDocument,
            StatusCodes.Status201Created);
    }

    private Task RemoveAsync(AdminRequest request, Change change)
    {
        change.Service = request.Query.Text("service");
        string network = request.Query.Text("network")
            ?? throw Refusal.BadRequest("query parameter \"network\" is missing, expected an address or a network");
        EntryKey key = new(ReadNetwork(network, "query parameter"),
            ReadAction(request.Query.Text("action"), "query parameter") ?? NetworkAction.Deny, change.Service);
        Check(Store.Remove(key));
        change.Done($"removed: {key}");
        return Answer.JsonAsync(request.Context, new RemovedDocument(1), DocumentContext.Default.RemovedDocument);
    }

    private Task FlushAsync(AdminRequest request, Change change)
    {
        change.Service = request.Query.Text("service");
        EntryFilter filter = ReadFilter(request.Query);
        int removed = Check(Store.Flush(filter)).Count;
        change.Done($"removed {removed}");
        return Answer.JsonAsync(request.Context, new RemovedDocument(removed), DocumentContext.Default.RemovedDocument);
    }

    private async Task ImportAsync(AdminRequest request, Change change)
    {
        change.Service = request.Query.Text("service");
        change.Reason = request.Query.Text("reason");
        if (EntryImport.ReadEnd(request.Query.Text("for"), null, Store.Now, out DateTimeOffset? end) is { } wrong)
            throw Refusal.BadRequest(wrong);
        if (EntryRules.CheckTexts(change.Reason ?? "", request.Caller.Author) is { } notTaken) throw Refusal.BadRequest(notTaken);
        EntryWish common = new(new EntryKey(default, ReadAction(request.Query.Text("action"), "query parameter") ?? NetworkAction.Deny,
            change.Service), end, change.Reason ?? "");
        bool isJson = IsJson(request.Context.Request.ContentType);
        byte[] text = await request.ReadBytesAsync();
        EntryImport import = isJson ? EntryImport.OfJson(text, common, Store.Now) : EntryImport.OfText(new MemoryStream(text), common);
        if (import.FaultCount > 0) throw Refusal.BadRequest(Describe(import));
        int imported = Check(Store.Import(import.Wishes, request.Caller.Author)).Count;
        change.Done($"imported {imported}");
        await Answer.JsonAsync(request.Context, new ImportedDocument(imported), DocumentContext.Default.ImportedDocument);
    }

    private static string Describe(EntryImport import)
    {
        string faults = string.Join("; ", import.Faults.Select(f => $"line {f.Line}: {f.Message}"));
        return $"nothing was imported: {faults}"
            + (import.FaultCount > import.Faults.Length ? $"; and {import.FaultCount - import.Faults.Length} more lines are wrong" : "");
    }

    private static bool IsJson(string? type)
    {
        string? media = MediaTypeHeaderValue.TryParse(type, out MediaTypeHeaderValue? parsed) ? parsed.MediaType.Value : null;
        return media?.ToLowerInvariant() switch
        {
            "application/x-ndjson" => true,
            "text/plain" => false,
            _ => throw new Refusal(StatusCodes.Status415UnsupportedMediaType,
                $"the Content-Type is {type ?? "missing"}, expected text/plain or application/x-ndjson"),
        };
    }

    private static EntryFilter ReadFilter(RequestQuery query) =>
        new(ReadAction(query.Text("action"), "query parameter"), query.Text("service"));

    private static Network ReadNetwork(string text, string where) =>
        NetworkText.TryParse(Encoding.UTF8.GetBytes(text), out Network network, out string? why)
            ? network : throw Refusal.BadRequest($"{where} \"network\" is {why}");

    private static NetworkAction? ReadAction(string? word, string where) => word is null ? null
        : EntryImport.TryReadAction(word, out NetworkAction action) ? action
        : throw Refusal.BadRequest($"{where} \"action\" is \"{word}\", expected deny or allow");

    private static EntryOutcome Check(EntryOutcome outcome) => outcome.Error switch
    {
        EntryError.None => outcome,
        EntryError.NotFound => throw Refusal.NotFound(outcome.Detail),
        EntryError.Full => throw new Refusal(StatusCodes.Status409Conflict, outcome.Detail),
        EntryError.NotStored => throw new Refusal(StatusCodes.Status507InsufficientStorage, outcome.Detail),
        _ => throw Refusal.BadRequest(outcome.Detail),
    };
}
