using System.Collections.Immutable;
using System.Security.Cryptography;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>The configuration: shows it, compares it, and puts another one in force. Immutable, any thread.</summary>
internal sealed class ConfigurationRoutes(AdminTarget target)
{
    public ImmutableArray<AdminRoute> Routes =>
    [
        new(HttpMethods.Get, AdminPaths.Config, GetAsync),
        Change.Route(HttpMethods.Put, AdminPaths.Config, "configure", target, PutAsync) with
        {
            Query = ["reset"], BodyBytesMax = ConfigurationFile.BytesMax,
        },
        new(HttpMethods.Post, AdminPaths.ConfigDiff, DiffAsync) { BodyBytesMax = ConfigurationFile.BytesMax },
        Change.Route(HttpMethods.Post, AdminPaths.Reload, "reload", target, ReloadAsync) with { Query = ["reset"] },
    ];

    /// <summary>It follows from the text.</summary>
    private static string Tag(LoadedConfiguration configuration) =>
        Convert.ToHexStringLower(SHA256.HashData(configuration.Text.Span).AsSpan(0, 8));

    private static FindingDocument From(ConfigurationError error) => new(error.File, error.Line, error.Column, error.Code, error.Message);

    private static Task AnswerAsync(AdminRequest request, ReloadOutcome outcome, string? tag = null)
    {
        ReloadDocument document = new(outcome.IsApplied, [.. outcome.Errors.Select(From)], [.. outcome.Warnings.Select(From)],
            outcome.Changes);
        int status = outcome.Errors.IsEmpty ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity;
        return Answer.JsonAsync(request.Context, document, DocumentContext.Default.ReloadDocument, status, tag);
    }

    private static void Tell(Change change, ReloadOutcome outcome)
    {
        if (outcome.IsApplied) change.Done(Counted.Of(outcome.Changes.Length, "change"));
        // Each of them has its own line, which the reload has written.
        else change.Refused($"{Counted.Of(outcome.Errors.Length, "error")}, which event 6111 lists");
    }

    private Task GetAsync(AdminRequest request)
    {
        LoadedConfiguration configuration = target.Reload.Current;
        return Answer.BytesAsync(request.Context, configuration.Text.ToArray(), tag: Tag(configuration));
    }

    private async Task PutAsync(AdminRequest request, Change change)
    {
        EntityTag condition = request.RequireIfMatch();
        bool reset = request.Query.Flag("reset");
        byte[] text = await request.ReadBytesAsync();
        ReloadOutcome? outcome = await target.Reload.FromTextAsync(text, request.Caller.Author, reset,
            current => condition.Matches(Tag(current)));
        if (outcome is null)
        {
            string tag = Tag(target.Reload.Current);
            throw new Refusal(StatusCodes.Status412PreconditionFailed, $"the configuration has changed meanwhile, "
                + $"its tag is now {EntityTag.Quote(tag)}; look at {AdminPaths.Config} and send the request again with that tag");
        }
        Tell(change, outcome);
        await AnswerAsync(request, outcome, Tag(target.Reload.Current));
    }

    private async Task DiffAsync(AdminRequest request) =>
        await AnswerAsync(request, await target.Reload.TryAsync(await request.ReadBytesAsync()));

    private async Task ReloadAsync(AdminRequest request, Change change)
    {
        ReloadOutcome outcome = await target.Reload.FromFileAsync(request.Caller.Author, request.Query.Flag("reset"));
        Tell(change, outcome);
        await AnswerAsync(request, outcome);
    }
}
