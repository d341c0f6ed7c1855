using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to <c>GET /v1/sessions</c>. Immutable.</summary>
/// <param name="Sessions">Those that began last, the last one first.</param>
/// <param name="More">Whether there are others that fit the filter.</param>
/// <param name="Generations">Earlier processes, whose sessions are not among these. Null from earlier versions.</param>
internal sealed record SessionsDocument(ImmutableArray<SessionDocument> Sessions, bool More,
    ImmutableArray<GenerationDocument>? Generations = null);

/// <summary>A session that is under way. Immutable.</summary>
/// <param name="Id">Names one session among all processes. Earlier versions send a number.</param>
/// <param name="Listener">As configured.</param>
/// <param name="Peer">Who connected, address and port; null on a UNIX socket.</param>
/// <param name="Client">The peer, or whom its balancer named; null where it is not known.</param>
/// <param name="Upstream">The upstream that it is proxied to or connecting to; null before.</param>
/// <param name="UpstreamAddress">Which of its addresses; null before.</param>
/// <param name="State"><c>readingHeader</c>, <c>connecting</c>, <c>relaying</c>, or <c>flushing</c>: one side broke, and the other one is
/// sent what it had sent before.</param>
/// <param name="IdleMs">Since anything was relayed, or since its start.</param>
internal sealed record SessionDocument(
    [property: JsonConverter(typeof(SessionIdConverter))] string Id,
    string Service,
    string Listener,
    string? Peer,
    string? Client,
    string? Upstream,
    string? UpstreamAddress,
    string State,
    DateTime StartedAt,
    long BytesFromClient,
    long BytesFromUpstream,
    long IdleMs);

/// <summary>Reads the id of a session, which earlier versions wrote as a number. Stateless, any thread.</summary>
internal sealed class SessionIdConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? reader.GetInt64().ToString(CultureInfo.InvariantCulture) : reader.GetString() ?? "";

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>The answer to <c>DELETE /v1/sessions</c>. Immutable.</summary>
/// <param name="Killed">How many sessions were ended.</param>
internal sealed record KilledDocument(int Killed);
