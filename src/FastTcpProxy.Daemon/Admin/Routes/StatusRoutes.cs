using System.Collections.Immutable;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Serving;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>The state of the proxy, for people and for monitoring. Immutable, any thread.</summary>
internal static class StatusRoutes
{
    /// <param name="status">Of the services.</param>
    /// <param name="process">Of the process; may take as long as it takes to ask earlier generations, which is bounded.</param>
    /// <param name="state">How far the process is.</param>
    /// <param name="observed">What was counted; null: nothing.</param>
    public static ImmutableArray<AdminRoute> All(IStatusSource status, Func<Task<ProcessStatus>> process, Func<ProcessState> state,
        Func<Observed>? observed = null) =>
    [
        new(HttpMethods.Get, AdminPaths.Status, async request =>
            await Answer.JsonAsync(request.Context, StatusDocuments.From(status.Services, await process(), observed?.Invoke()),
                DocumentContext.Default.StatusDocument)),
        new(HttpMethods.Get, AdminPaths.Live, request => Answer.TextAsync(request.Context, "ok")),
        new(HttpMethods.Get, AdminPaths.Ready, request => ReadyAsync(request.Context, Readiness.Of(state(), status.Services))),
    ];

    private static Task ReadyAsync(HttpContext context, Readiness readiness) => readiness.State switch
    {
        ServiceReadiness.Ready => Answer.TextAsync(context, "ready"),
        ServiceReadiness.Degraded => Answer.TextAsync(context, string.Join('\n', ["degraded", .. readiness.Degraded])),
        _ => Answer.TextAsync(context, string.Join('\n', readiness.NotReady), StatusCodes.Status503ServiceUnavailable),
    };
}
