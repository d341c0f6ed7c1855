using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>A request that has found its route, as the route sees it. One task at a time; it lives as long as the request.</summary>
/// <param name="context">To answer by.</param>
/// <param name="route">Its route.</param>
/// <param name="parameters">The values of the path's segments in braces.</param>
/// <param name="query">Known to the route, and each at most once.</param>
/// <param name="caller">Who asks.</param>
internal sealed class AdminRequest(HttpContext context, AdminRoute route, Dictionary<string, string> parameters, RequestQuery query,
    Caller caller)
{
    public HttpContext Context => context;

    public RequestQuery Query => query;

    public Caller Caller => caller;

    /// <summary>The segment at <c>{name}</c> of the route's path, decoded and not empty.</summary>
    public string Segment(string name) => parameters[name];

    /// <summary>The same; null where the route's path has no such segment.</summary>
    public string? SegmentOrNull(string name) => parameters.GetValueOrDefault(name);

    /// <summary>What the request's If-Match says, which must be there.</summary>
    /// <exception cref="Refusal">428 or 400.</exception>
    public EntityTag RequireIfMatch() => EntityTag.Required(context);

    /// <summary>The body as it is, of any type, for a reader that checks every byte itself.</summary>
    /// <exception cref="Refusal">413.</exception>
    public Task<byte[]> ReadBytesAsync() => RequestBody.ReadAsync(context, route.BodyBytesMax);

    /// <summary>The body as a JSON object that has these keys at most.</summary>
    /// <exception cref="Refusal">400, 413 or 415.</exception>
    public Task<JsonBody> ReadObjectAsync(params string[] keys) =>
        RequestBody.ReadObjectAsync(context, route.BodyBytesMax, keys, isOptional: false);

    /// <summary>The same where there may be no body, which stands for an object without keys.</summary>
    /// <exception cref="Refusal">400, 413 or 415.</exception>
    public Task<JsonBody> ReadObjectOrNothingAsync(params string[] keys) =>
        RequestBody.ReadObjectAsync(context, route.BodyBytesMax, keys, isOptional: true);
}
