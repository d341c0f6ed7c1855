using System.Collections.Frozen;
using System.Collections.Immutable;
using FastTcpProxy.Daemon.OperationalLog;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin;

/// <summary>
/// Answers a request: refuses what a browser could be made to send, finds the route, and says every error as problem details. On the thread pool,
/// several requests at once; it keeps nothing between them.
/// </summary>
internal sealed class AdminApplication(ImmutableArray<AdminRoute> routes, ILogger log) : IHttpApplication<HttpContext>
{
    /// <summary>The only host there is: a page whose name has been rebound to this machine sends its own.</summary>
    private const string Host = "localhost";

    private readonly FrozenDictionary<string, AdminRoute[]> _routes =
        routes.GroupBy(r => r.Path, StringComparer.Ordinal).ToFrozenDictionary(g => g.Key, g => g.ToArray(), StringComparer.Ordinal);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await (Refuse(context) ?? Find(context))(context);
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionAbortedException)
        {
            // The client has gone.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Answer.ProblemAsync(context, e.StatusCode, e.Message);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Events.AdminFault(log, $"{context.Request.Method} {context.Request.Path}", e);
            await Answer.ProblemAsync(context, StatusCodes.Status500InternalServerError, "the request failed by a defect; the operational log has it");
        }
    }

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    /// <summary>What answers a request that is refused before anybody looks at its path; null for one that is not.</summary>
    private static Func<HttpContext, Task>? Refuse(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (request.Headers.Origin.Count > 0) return Problem(StatusCodes.Status403Forbidden, "a request with an Origin comes from a browser, and browsers are not served");
        if (!Host.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)) return Problem(StatusCodes.Status400BadRequest, $"the Host must be {Host}");
        if (request.ContentLength > AdminLimits.BodyBytesMax)
            return Problem(StatusCodes.Status413PayloadTooLarge, $"the body has {request.ContentLength} bytes, expected at most {AdminLimits.BodyBytesMax}");
        return null;
    }

    private Func<HttpContext, Task> Find(HttpContext context)
    {
        if (!_routes.TryGetValue(context.Request.Path.Value ?? "", out AdminRoute[]? here)) return Problem(StatusCodes.Status404NotFound, "nothing is at this path");
        if (Array.Find(here, r => r.Takes(context.Request.Method)) is { } route) return route.HandleAsync;
        string allow = string.Join(", ", here.SelectMany(r => HttpMethods.IsGet(r.Method) ? [r.Method, HttpMethods.Head] : new[] { r.Method }));
        context.Response.Headers.Allow = allow;
        return Problem(StatusCodes.Status405MethodNotAllowed, $"{context.Request.Method} is not possible here, expected {allow}");
    }

    private static Func<HttpContext, Task> Problem(int status, string detail) => context => Answer.ProblemAsync(context, status, detail);
}
