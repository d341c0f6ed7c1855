using System.Collections.Immutable;
using FastTcpProxy.Daemon.Admin.Requests;
using FastTcpProxy.Daemon.Admin.Transport;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin;

/// <summary>
/// Answers a request: checks it by the rules of its listener, finds the route, and reports every error as problem details. On the thread
/// pool, several requests at once; it keeps nothing between them.
/// </summary>
internal sealed class AdminApplication(ImmutableArray<AdminRoute> routes, ILogger log) : IHttpApplication<HttpContext>
{
    public HttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        contextFeatures.Get<ConnectionPlace>()?.SetRequest(true);
        return new DefaultHttpContext(contextFeatures);
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            context.Features.GetRequiredFeature<AccessRules>().Check(context);
            await ServeAsync(context);
        }
        catch (Exception e) when (e is OperationCanceledException or ConnectionAbortedException)
        {
            // The client has gone.
        }
        catch (Refusal e) when (!context.Response.HasStarted)
        {
            await Answer.ProblemAsync(context, e.Status, e.Message, e.Current);
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await Answer.ProblemAsync(context, e.StatusCode, e.Message);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Events.AdminFault(log, $"{context.Request.Method} {context.Request.Path}", e);
            await Answer.ProblemAsync(context, StatusCodes.Status500InternalServerError,
                "the request failed by a defect; the operational log reports it");
        }
    }

    public void DisposeContext(HttpContext context, Exception? exception) => context.Features.Get<ConnectionPlace>()?.SetRequest(false);

    private Task ServeAsync(HttpContext context)
    {
        string method = context.Request.Method;
        RequestTarget target = RequestTarget.Parse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        ImmutableArray<AdminRoute> here = [.. routes.Where(r => r.Match(target.Segments) is not null)];
        AdminRoute? route = here.FirstOrDefault(r => r.Takes(method));
        RequestBody.Bound(context, route?.BodyBytesMax ?? AdminLimits.BodyBytesMax);
        if (here.IsEmpty) throw Refusal.NotFound("no route has this path");
        if (route is null)
        {
            string allow = string.Join(", ",
                here.SelectMany(r => HttpMethods.IsGet(r.Method) ? [r.Method, HttpMethods.Head] : new[] { r.Method }));
            context.Response.Headers.Allow = allow;
            throw new Refusal(StatusCodes.Status405MethodNotAllowed, $"{method} is not allowed here, expected {allow}");
        }
        RequestQuery query = new(target.Query, route.Query);
        return route.HandleAsync(new AdminRequest(context, route, route.Match(target.Segments)!, query,
            SudoHeader.Apply(context.Features.GetRequiredFeature<Caller>(), context.Request.Headers)));
    }
}
