using System.Collections.Immutable;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>The session log. Immutable, any thread.</summary>
internal sealed class LogRoutes(AdminTarget target)
{
    public ImmutableArray<AdminRoute> Routes => [Change.Route(HttpMethods.Post, AdminPaths.LogReopen, "reopen-log", target, ReopenAsync)];

    private async Task ReopenAsync(AdminRequest request, Change change)
    {
        ReopenOutcome outcome = target.Logs is { } logs
            ? await logs.ReopenAsync(request.Caller.Author, target.Log) : new ReopenOutcome(null, null);
        if (outcome.Error is { } why)
            throw new Refusal(StatusCodes.Status507InsufficientStorage, $"the session log's file was not opened again: {why}");
        change.Done(outcome.Path is null ? "the session log is no file" : $"opened {outcome.Path} again");
        await Answer.JsonAsync(request.Context, new LogDocument(outcome.Path), DocumentContext.Default.LogDocument);
    }
}
