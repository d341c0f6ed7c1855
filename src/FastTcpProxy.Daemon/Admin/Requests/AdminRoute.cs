using System.Collections.Immutable;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Http;

namespace FastTcpProxy.Daemon.Admin.Requests;

/// <summary>What a method does at a path. Immutable, any thread.</summary>
/// <param name="Method">In capitals. GET stands for HEAD too.</param>
/// <param name="Path">Segments in braces, such as <c>{service}</c>, take any text that is not empty; the others are compared character by
/// character.</param>
/// <param name="HandleAsync">
/// Writes the answer, or throws a <see cref="Requests.Refusal"/>. On the thread pool; a request's time has no bound, so what it waits for
/// must have one.
/// </param>
internal sealed record AdminRoute(string Method, string Path, Func<AdminRequest, Task> HandleAsync)
{
    private readonly string[] _segments = Path[1..].Split('/');

    /// <summary>The query parameters that it takes; any other is an error of the request.</summary>
    public ImmutableArray<string> Query { get; init; } = [];

    /// <summary>Bytes of the longest body; a longer one is refused whether the route reads it or not.</summary>
    public int BodyBytesMax { get; init; } = AdminLimits.BodyBytesMax;

    public bool Takes(string method) => method == Method || (HttpMethods.IsHead(method) && HttpMethods.IsGet(Method));

    /// <summary>What the segments in braces stand for, by name; null when the path is another one.</summary>
    /// <param name="segments">Decoded.</param>
    public Dictionary<string, string>? Match(ImmutableArray<string> segments)
    {
        if (segments.Length != _segments.Length) return null;
        Dictionary<string, string> parameters = new(StringComparer.Ordinal);
        for (int i = 0; i < segments.Length; i++)
        {
            if (_segments[i] is ['{', .. string name, '}'] && segments[i].Length > 0) parameters.Add(name, segments[i]);
            else if (_segments[i] != segments[i]) return null;
        }
        return parameters;
    }
}
