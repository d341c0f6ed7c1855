using System.Buffers;
using System.Globalization;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Daemon.Logging.Targets;

/// <summary>
/// What precedes the text of a syslog message: RFC 5424, with structured data, or RFC 3164 as the C library writes it to /dev/log. Without
/// a byte order mark: receivers take UTF-8 for granted, and some show the mark. Immutable, any thread.
/// </summary>
internal sealed class SyslogHeader
{
    /// <summary>
    /// Names our structured data. RFC 5424 wants the number of an enterprise; this is the one for examples (RFC 5612), as the program has
    /// none.
    /// </summary>
    public const string DataId = "fasttcpproxy@32473";

    private const string Program = "fasttcpproxy";

    /// <summary>Characters of HOSTNAME (RFC 5424, 6).</summary>
    private const int HostMax = 255;

    private readonly SyslogProtocol _protocol;
    private readonly int _facility;
    private readonly string _before, _process;

    /// <param name="withHost">Whether a message of RFC 3164 names the host: over the network, but not at /dev/log.</param>
    public SyslogHeader(SyslogProtocol protocol, SyslogFacility facility, bool withHost)
    {
        _protocol = protocol;
        _facility = (int)facility;
        string host = new([.. Environment.MachineName.Where(c => c is > ' ' and <= '~').Take(HostMax)]);
        if (host.Length == 0) host = "-";
        _process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        _before = protocol == SyslogProtocol.Rfc5424 ? $" {host} {Program} {_process} "
            : $"{(withHost ? $" {host}" : "")} {Program}[{_process}]: ";
    }

    /// <summary>Writes the header and the space after it.</summary>
    /// <param name="severity">0 to 7 (RFC 5424, table 2).</param>
    /// <param name="messageId">At most 32 visible ASCII characters.</param>
    /// <param name="data">Names and values of the structured data; a null value is left out.</param>
    public void Write(IBufferWriter<byte> output, int severity, DateTimeOffset at, string messageId,
        params ReadOnlySpan<(string Name, string? Value)> data)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"<{_facility * 8 + severity}>");
        if (_protocol == SyslogProtocol.Rfc3164)
        {
            DateTimeOffset local = at.ToLocalTime();
            // The day is padded by a space (RFC 3164, 4.1.2).
            text.Append(CultureInfo.InvariantCulture, $"{local:MMM} {local.Day,2} {local:HH:mm:ss}").Append(_before);
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"1 {at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}").Append(_before).Append(messageId)
                .Append(" [").Append(DataId);
            foreach ((string name, string? value) in data)
            {
                if (value is not null) text.Append(' ').Append(name).Append("=\"").Append(Escape(value)).Append('"');
            }
            text.Append("] ");
        }
        Encoding.UTF8.GetBytes(text.ToString(), output);
    }

    /// <summary>RFC 5424, 6.3.3; and nothing that could begin a line.</summary>
    private static string Escape(string value) => OneLine.Escape(value).Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace("\"", "\\\"", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal);
}
