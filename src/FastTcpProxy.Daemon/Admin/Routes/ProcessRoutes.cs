using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>The end of the process. Immutable, any thread.</summary>
internal sealed class ProcessRoutes(AdminTarget target)
{
    public ImmutableArray<AdminRoute> Routes => [Change.Route(HttpMethods.Post, AdminPaths.Drain, "drain", target, DrainAsync)];

    private async Task DrainAsync(AdminRequest request, Change change)
    {
        JsonBody body = await request.ReadObjectOrNothingAsync("timeout");
        TimeSpan? timeout = null;
        if (body.TextOrNull("timeout") is { } text)
        {
            if (ValueText.ReadDuration(text, TimeSpan.Zero, ConfigurationLimits.DurationMax, out TimeSpan read) is { } wrong)
                throw Refusal.BadRequest($"key \"timeout\" is {wrong}");
            timeout = read;
        }
        bool started = target.Lifecycle.RequestDrain(new DrainRequest($"request of {request.Caller.Author}", timeout));
        int sessions = target.Proxy.Engine.Sessions;
        if (started) change.Done($"{Counted.Of(sessions, "session")}{(timeout is { } t ? $", at most {ValueText.WriteDuration(t)}" : "")}");
        else change.Refused("an earlier request applies");
        await Answer.JsonAsync(request.Context, new DrainDocument(started, sessions), DocumentContext.Default.DrainDocument,
            StatusCodes.Status202Accepted);
    }
}
