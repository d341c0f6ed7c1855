using System.Buffers;
using FastTcpProxy.Daemon.Logging.Targets;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>A session's line as the text of a syslog message. Used by the one thread that writes the log; it owns the format.</summary>
internal sealed class SyslogSessionFormat(ISessionFormat format, SyslogHeader header) : ISessionFormat, IDisposable
{
    public const string MessageId = "session";

    /// <summary>Informational: a session's end is no trouble of the proxy, whatever the reason.</summary>
    private const int Severity = 6;

    public void Write(in SessionRecord record, IBufferWriter<byte> output)
    {
        DateTimeOffset ended = new(record.StartedUtcTicks + record.TotalUs * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);
        header.Write(output, Severity, ended, MessageId);
        format.Write(in record, output);
    }

    public void Dispose() => (format as IDisposable)?.Dispose();
}
