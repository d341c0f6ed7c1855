using System.Buffers;
using System.Globalization;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Daemon.Logging.Targets;

/// <summary>
/// What precedes the text of a syslog message: RFC 5424, or RFC 3164 as the C library writes it to /dev/log. Without structured data: its
/// names are those of IANA, none of which fits, or contain the number of an enterprise, and the program has none (RFC 5424, 6.3.2). Without
/// a byte order mark: receivers take UTF-8 for granted, and some show the mark. Immutable, any thread.
/// </summary>
internal sealed class SyslogHeader
{
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
    public void Write(IBufferWriter<byte> output, int severity, DateTimeOffset at, string messageId)
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
                .Append(" - ");
        }
        Encoding.UTF8.GetBytes(text.ToString(), output);
    }
}
