using System.Text.Json;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>An error of the administrative interface (RFC 9457). Immutable.</summary>
/// <param name="Type">Always <c>about:blank</c>: the status says what kind it is.</param>
/// <param name="Title">The status in words.</param>
/// <param name="Status">The status code.</param>
/// <param name="Detail">What was wrong, and what was expected.</param>
/// <param name="Current">With status 412 the present state, which may be JSON's null; absent with all others.</param>
internal sealed record ProblemDocument(
    string Type,
    string Title,
    int Status,
    string Detail,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Current = null);
