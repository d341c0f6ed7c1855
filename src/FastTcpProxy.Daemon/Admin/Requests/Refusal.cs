using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>
/// A request that cannot be fulfilled as it was sent: it ends the route, and the client gets it as problem details. Immutable, any thread.
/// </summary>
/// <param name="status">A status code from 400 to 499, or 507 where something could not be written.</param>
/// <param name="detail">What was wrong, where, and what was expected.</param>
internal sealed class Refusal(int status, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    /// <summary>The present state, for a caller that had seen another; null where the problem is another one.</summary>
    public JsonElement? Current { get; private init; }

    public static Refusal BadRequest(string detail) => new(StatusCodes.Status400BadRequest, detail);

    public static Refusal NotFound(string detail) => new(StatusCodes.Status404NotFound, detail);

    /// <summary>The state has changed since the caller read it.</summary>
    /// <param name="tag">The entity tag now, without quotes.</param>
    /// <param name="current">The present state; null is sent as null.</param>
    public static Refusal Changed<T>(string tag, T? current, JsonTypeInfo<T> shape)
        where T : class =>
        new(StatusCodes.Status412PreconditionFailed,
            $"it has changed meanwhile, its tag is now {EntityTag.Quote(tag)}; "
            + "look at \"current\" and send the request again with that tag")
        {
            Current = JsonSerializer.SerializeToElement(current!, shape),
        };
}
