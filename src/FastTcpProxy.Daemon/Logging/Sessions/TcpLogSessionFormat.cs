using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>
/// The line that HAProxy prints with <c>option tcplog</c> and <c>log stdout format raw</c>, so that existing parsers read it:
/// <c>%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq</c>. What stands in each place is said in docs/session-log.md.
/// Immutable but for a buffer; one thread.
/// </summary>
/// <param name="zone">In which the time is written.</param>
/// <param name="ids">With them the id of the session ends the line, as HAProxy's <c>%ID</c> does where it is added; null: without.</param>
internal sealed class TcpLogSessionFormat(TimeZoneInfo zone, SessionIds? ids = null) : ISessionFormat
{
    /// <summary>
    /// The longest name: that of an upstream which has none, a DNS name of 253 characters with its port (RFC 1035, 2.3.4).
    /// </summary>
    private const int NameBytesMax = 512;

    private readonly byte[] _text = new byte[NameBytesMax];

    public void Write(in SessionRecord record, IBufferWriter<byte> output)
    {
        WriteClient(record.Client, output);
        output.Write(" ["u8);
        WriteTime(record.StartedUtcTicks, output);
        output.Write("] "u8);
        WriteName(record.Service.Name, output);
        output.Write(" "u8);
        WriteName(record.Service.Name, output);
        output.Write("/"u8);
        WriteName(LastUpstream(in record) is { } tried ? record.Service.Upstreams[tried].Name : "<NOSRV>", output);
        output.Write(" "u8);
        WriteTimers(in record, output);
        output.Write(" "u8);
        WriteNumber(record.BytesFromUpstream, output);
        output.Write(" "u8);
        (byte first, byte second) = TerminationState.Of(record.Reason);
        output.Write([first, second, (byte)' ']);
        WriteCounts(in record, output);
        // There are no queues.
        output.Write(" 0/0"u8);
        if (ids is not null)
        {
            output.Write(" "u8);
            output.Write(_text.AsSpan(0, ids.Write(record.Id, _text)));
        }
        output.Write("\n"u8);
    }

    /// <summary>The upstream that it was proxied to or, when none was, tried last; null when none was tried.</summary>
    private static int? LastUpstream(in SessionRecord record) =>
        record.UpstreamIndex >= 0 ? record.UpstreamIndex
        : record.Attempts.Count > 0 ? record.Attempts[record.Attempts.Count - 1].Upstream
        : null;

    private void WriteClient(InetEndPoint client, IBufferWriter<byte> output)
    {
        if (client.Family == EndPointFamily.Unspecified)
        {
            // HAProxy puts the number of its listener there, which we do not have.
            output.Write("unix:1"u8);
            return;
        }
        // Without brackets, as HAProxy writes IPv6.
        client.TryFormat(_text, out int length, "A");
        output.Write(_text.AsSpan(0, length));
        output.Write(":"u8);
        WriteNumber(client.Port, output);
    }

    private void WriteTime(long utcTicks, IBufferWriter<byte> output)
    {
        DateTime local = TimeZoneInfo.ConvertTimeFromUtc(new DateTime(utcTicks, DateTimeKind.Utc), zone);
        local.TryFormat(_text, out int length, "dd/MMM/yyyy:HH:mm:ss.fff", CultureInfo.InvariantCulture);
        output.Write(_text.AsSpan(0, length));
    }

    private void WriteTimers(in SessionRecord record, IBufferWriter<byte> output)
    {
        bool proxied = record.UpstreamIndex >= 0;
        // Tw, the time in queues: there are none, so it is what came before the first connect; -1 when there was none.
        WriteNumber(record.ConnectUs < 0 ? -1 : record.HeaderUs / 1000, output);
        output.Write("/"u8);
        WriteNumber(proxied && record.ConnectUs >= 0 ? record.ConnectUs / 1000 : -1, output);
        output.Write("/"u8);
        WriteNumber(record.TotalUs / 1000, output);
    }

    private void WriteCounts(in SessionRecord record, IBufferWriter<byte> output)
    {
        WriteNumber(record.ProcessSessions, output);
        output.Write("/"u8);
        WriteNumber(record.ServiceSessions, output);
        output.Write("/"u8);
        // HAProxy has released the backend when it writes the line: the session itself is no longer counted there.
        WriteNumber(Math.Max(record.ServiceSessions - 1, 0), output);
        // Sessions are not counted for each upstream.
        output.Write("/0/"u8);
        bool redispatched = record.Attempts.Count > 1 && record.Attempts[0].Upstream != record.Attempts[record.Attempts.Count - 1].Upstream;
        if (redispatched) output.Write("+"u8);
        WriteNumber(Math.Max(record.Attempts.Total - 1, 0), output);
    }

    /// <summary>A name with whatever would break the layout written as HAProxy does, as '#' and two hexadecimal digits.</summary>
    private void WriteName(string name, IBufferWriter<byte> output)
    {
        int length = Encoding.UTF8.GetBytes(name, _text);
        foreach (byte b in _text.AsSpan(0, length))
        {
            if (b is > 0x20 and < 0x7F and not (byte)'#' and not (byte)'"') output.Write([b]);
            else output.Write([(byte)'#', Hex(b >> 4), Hex(b & 15)]);
        }
    }

    private static byte Hex(int digit) => "0123456789ABCDEF"u8[digit];

    private void WriteNumber(long value, IBufferWriter<byte> output)
    {
        Utf8Formatter.TryFormat(value, _text, out int length);
        output.Write(_text.AsSpan(0, length));
    }
}
