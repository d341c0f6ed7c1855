using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Logging.Steps;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>Whose sessions tell their steps. Immutable, any thread.</summary>
internal sealed class VerboseRoutes(AdminTarget target)
{
    public ImmutableArray<AdminRoute> Routes =>
    [
        new(HttpMethods.Get, AdminPaths.Verbose, ListAsync),
        Change.Route(HttpMethods.Post, AdminPaths.Verbose, "verbose", target, AddAsync),
        Change.Route(HttpMethods.Delete, AdminPaths.Verbose, "clear-verbose", target, RemoveAllAsync),
        Change.Route(HttpMethods.Delete, AdminPaths.VerboseRule, "clear-verbose", target, RemoveAsync),
    ];

    private VerboseRules Rules => target.Following!.Verbose;

    private static VerboseRuleDocument From(VerboseRule rule) => new(rule.Id, rule.Service, rule.Client?.ToString(), rule.Author,
        StatusDocuments.Time(rule.At), StatusDocuments.Time(rule.Expires));

    private Task ListAsync(AdminRequest request) => Answer.JsonAsync(request.Context, new VerboseDocument([.. Rules.Rules.Select(From)]),
        DocumentContext.Default.VerboseDocument);

    private async Task AddAsync(AdminRequest request, Change change)
    {
        JsonBody body = await request.ReadObjectAsync("service", "client", "for");
        string? service = change.Service = body.TextOrNull("service");
        IPNetwork? client = null;
        if (body.TextOrNull("client") is { } text)
        {
            if (ValueText.ReadNetwork(text, out IPNetwork network) is { } wrong) throw Refusal.BadRequest($"key \"client\" is {wrong}");
            client = network;
        }
        if (service is null && client is null)
            throw Refusal.BadRequest("expected key \"service\" or \"client\": the steps of every session would be too many to read");
        if (ValueText.ReadDuration(body.Text("for"), VerboseRules.ForMin, VerboseRules.ForMax, out TimeSpan limit) is { } notTaken)
            throw Refusal.BadRequest($"key \"for\" is {notTaken}");
        if (service is not null && target.Proxy.Composer.Services.All(s => s.Name != service))
            throw Refusal.NotFound($"there is no service \"{service}\"; {AdminPaths.Status} lists all");
        VerboseRule rule = Rules.Add(service, client, request.Caller.Author, limit) ?? throw new Refusal(StatusCodes.Status409Conflict,
            $"{VerboseRules.RulesMax} rules are set, as many as may be; remove one of them ({AdminPaths.Verbose} lists all)");
        change.Done($"rule {rule.Id}, {rule.What}, for {ValueText.WriteDuration(limit)}");
        await Answer.JsonAsync(request.Context, From(rule), DocumentContext.Default.VerboseRuleDocument, StatusCodes.Status201Created);
    }

    private Task RemoveAllAsync(AdminRequest request, Change change)
    {
        int removed = Rules.Remove(null);
        change.Done($"removed {removed}");
        return AnswerAsync(request, removed);
    }

    private Task RemoveAsync(AdminRequest request, Change change)
    {
        string text = request.Segment("id");
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long id) || Rules.Remove(id) == 0)
            throw Refusal.NotFound($"there is no rule \"{text}\", or it has expired; {AdminPaths.Verbose} lists all");
        change.Done($"removed rule {id}");
        return AnswerAsync(request, 1);
    }

    private static Task AnswerAsync(AdminRequest request, int removed) =>
        Answer.JsonAsync(request.Context, new RemovedDocument(removed), DocumentContext.Default.RemovedDocument);
}
