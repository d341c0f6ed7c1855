using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>
/// One JSON object a line; docs/session-log.md says what each field means. It owns the JSON writer, which it uses again for each line.
/// One thread.
/// </summary>
internal sealed class JsonSessionFormat(SessionIds ids) : ISessionFormat, IDisposable
{
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions
    {
        SkipValidation = true,
        // A log is read by people too: only what JSON itself demands is escaped, and control characters always are.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    private readonly ReasonNames _reasons = new();

    public void Write(in SessionRecord record, IBufferWriter<byte> output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        WriteTime(record.StartedUtcTicks);
        WriteId(record.Id);
        _json.WriteString("service"u8, record.Service.Name);
        _json.WriteString("listener"u8, record.Listener);
        WriteEnd("client"u8, record.Client);
        if (record.ClientIsForwarded) WriteEnd("peer"u8, record.Peer);
        WriteUpstream(in record);
        WriteAttempts(in record);
        if (record.UpstreamIndex < 0) _json.WriteNull("mode"u8);
        else _json.WriteString("mode"u8, ModeName(record.Mode));
        _json.WriteNumber("bytesFromClient"u8, record.BytesFromClient);
        _json.WriteNumber("bytesFromUpstream"u8, record.BytesFromUpstream);
        if (record.Reason.Phase == EndPhase.Header) _json.WriteNull("headerMs"u8);
        else WriteMilliseconds("headerMs"u8, record.HeaderUs);
        if (record.ConnectUs < 0) _json.WriteNull("connectMs"u8);
        else WriteMilliseconds("connectMs"u8, record.ConnectUs);
        WriteMilliseconds("totalMs"u8, record.TotalUs);
        _json.WriteString("reason"u8, _reasons[record.Reason]);
        if (record.HeaderError != ProxyDecodeError.None) _json.WriteString("headerError"u8, record.HeaderError.ToText());
        if (record.ClientPath is { } client) WritePath("clientTcp"u8, client);
        if (record.UpstreamPath is { } upstream) WritePath("upstreamTcp"u8, upstream);
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }

    public void Dispose() => _json.Dispose();

    private static ReadOnlySpan<byte> ModeName(HeaderMode mode) => mode switch
    {
        HeaderMode.ProxyV1 => "proxy-v1"u8,
        HeaderMode.ProxyV2 => "proxy-v2"u8,
        _ => "raw"u8,
    };

    private static ReadOnlySpan<byte> OutcomeName(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Connected => "connected"u8,
        AttemptOutcome.Refused => "refused"u8,
        AttemptOutcome.TimedOut => "timedOut"u8,
        AttemptOutcome.Unreachable => "unreachable"u8,
        AttemptOutcome.Unresolved => "unresolved"u8,
        AttemptOutcome.NoLocalPort => "noLocalPort"u8,
        AttemptOutcome.NoDescriptor => "noDescriptor"u8,
        AttemptOutcome.NoMemory => "noMemory"u8,
        AttemptOutcome.Abandoned => "abandoned"u8,
        AttemptOutcome.Superseded => "superseded"u8,
        _ => "failed"u8,
    };

    private void WriteTime(long utcTicks)
    {
        Span<byte> text = stackalloc byte[32];
        new DateTime(utcTicks, DateTimeKind.Utc).TryFormat(text, out int length, "yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        _json.WriteString("time"u8, text[..length]);
    }

    private void WriteId(long number)
    {
        Span<byte> text = stackalloc byte[SessionIds.LengthMax];
        _json.WriteString("id"u8, text[..ids.Write(number, text)]);
    }

    private void WriteEnd(ReadOnlySpan<byte> name, InetEndPoint end)
    {
        Span<byte> text = stackalloc byte[InetEndPoint.MaxTextLength];
        if (end.Family == EndPointFamily.Unspecified) _json.WriteString(name, "unix"u8);
        else if (end.TryFormat(text, out int length)) _json.WriteString(name, text[..length]);
    }

    private void WritePath(ReadOnlySpan<byte> name, PathState path)
    {
        _json.WriteStartObject(name);
        WriteMilliseconds("roundTripMs"u8, path.RoundTripUs);
        _json.WriteNumber("retransmits"u8, path.Retransmits);
        _json.WriteNumber("lost"u8, path.Lost);
        _json.WriteEndObject();
    }

    private void WriteUpstream(in SessionRecord record)
    {
        if (record.UpstreamAddress is null || record.UpstreamIndex < 0)
        {
            _json.WriteNull("upstream"u8);
            return;
        }
        _json.WriteStartObject("upstream"u8);
        _json.WriteString("name"u8, record.Service.Upstreams[record.UpstreamIndex].Name);
        _json.WriteString("address"u8, record.UpstreamAddress.Text);
        _json.WriteEndObject();
    }

    private void WriteAttempts(in SessionRecord record)
    {
        _json.WriteStartArray("attempts"u8);
        for (int i = 0; i < record.Attempts.Count; i++)
        {
            Attempt attempt = record.Attempts[i];
            UpstreamDefinition upstream = record.Service.Upstreams[attempt.Upstream];
            _json.WriteStartObject();
            _json.WriteString("upstream"u8, upstream.Name);
            if (attempt.Address < upstream.Addresses.Length) _json.WriteString("address"u8, upstream.Addresses[attempt.Address].Text);
            else _json.WriteNull("address"u8);
            _json.WriteString("outcome"u8, OutcomeName(attempt.Outcome));
            WriteMilliseconds("ms"u8, attempt.Microseconds);
            _json.WriteEndObject();
        }
        _json.WriteEndArray();
        if (record.Attempts.Total > record.Attempts.Count) _json.WriteNumber("attemptsTotal"u8, record.Attempts.Total);
    }

    /// <summary>Milliseconds with three decimals: a refusal on the same machine takes less than one.</summary>
    private void WriteMilliseconds(ReadOnlySpan<byte> name, long microseconds) =>
        _json.WriteNumber(name, new decimal(microseconds) / 1000m);
}
