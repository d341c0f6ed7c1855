using System.Collections.Immutable;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Daemon.Admin.Documents;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin;

/// <summary>The routes that only look. Immutable, any thread.</summary>
internal static class StatusRoutes
{
    public const string Status = "/v1/status";
    public const string Live = "/livez";

    public static ImmutableArray<AdminRoute> All(IStatusSource status, DateTimeOffset startedAt) =>
    [
        new(HttpMethods.Get, Status, request => Answer.JsonAsync(request.Context, StatusDocuments.From(status, startedAt), DocumentContext.Default.StatusDocument)),
        new(HttpMethods.Get, Live, request => Answer.TextAsync(request.Context, "ok")),
    ];
}
