using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Logging.Targets;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging;

/// <summary>
/// Where events go, and in which form, as one configuration says. Made by any thread, then used by the thread of the operational log. It
/// owns a socket.
/// </summary>
internal sealed class EventRoute : IDisposable
{
    /// <summary>How long one event waits for a syslog server that does not read.</summary>
    private static readonly TimeSpan SendWait = TimeSpan.FromSeconds(1);

    private readonly bool _isJson;
    private readonly bool _hasPriority;
    private readonly SyslogSocket? _socket;
    private readonly SyslogHeader? _header;
    private readonly ArrayBufferWriter<byte> _message = new();

    /// <param name="isJournal">Whether standard error is the journal of systemd.</param>
    /// <param name="error">Standard error, of which this route alone may end a wait.</param>
    public EventRoute(EventLogConfiguration events, SyslogProtocol protocol, bool isJournal, TimeProvider time, IByteSink error)
    {
        Error = error;
        _isJson = events.Format == EventFormatSetting.Json;
        _hasPriority = isJournal || events.Target.Kind == LogTargetKind.Journal;
        Level = events.Level switch
        {
            EventLevelSetting.Error => LogLevel.Error,
            EventLevelSetting.Warning => LogLevel.Warning,
            // The steps of verbose sessions too: an operator has asked for them.
            _ => LogLevel.Debug,
        };
        if (events.Target.Kind != LogTargetKind.Syslog) return;
        _socket = OpenSocket(events.Target, time);
        _header = new SyslogHeader(protocol, events.Facility, _socket.IsRemote);
        Name = $"syslog at {Place(events.Target)}";
    }

    /// <summary>The lowest level that is logged.</summary>
    public LogLevel Level { get; }

    public bool IsSyslog => _socket is not null;

    /// <summary>Takes the events when no syslog server does.</summary>
    public IByteSink Error { get; }

    /// <summary>For people.</summary>
    public string Name { get; } = "standard error";

    public static SyslogSocket OpenSocket(LogTarget target, TimeProvider time) =>
        new(target.Path is { } path ? new UnixDomainSocketEndPoint(path) : target.EndPoint!, time);

    /// <summary>The path or the address of a target.</summary>
    public static string Place(LogTarget target) => target.Path ?? target.EndPoint!.ToString();

    /// <summary>The line for standard error.</summary>
    public string Print(OperationalEvent published) => Prefix(published.Level) + Text(published);

    /// <summary>The priority that the journal takes off a line (sd-daemon(3)); empty where there is none.</summary>
    public string Prefix(LogLevel level) =>
        _hasPriority ? string.Create(CultureInfo.InvariantCulture, $"<{EventFormat.Severity(level)}>") : "";

    /// <summary>Sends an event to the syslog server.</summary>
    /// <param name="mayWait">Whether it may wait for one that does not read.</param>
    /// <returns>Why it could not be sent; null: it was.</returns>
    public string? TrySend(OperationalEvent published, bool mayWait)
    {
        _message.ResetWrittenCount();
        string id = published.Id.Id.ToString(CultureInfo.InvariantCulture);
        _header!.Write(_message, EventFormat.Severity(published.Level), published.At, id);
        // The header has time and level.
        Encoding.UTF8.GetBytes(_isJson ? EventFormat.Json(published) : $"{id} {OneLine.Escape(published.Text)}", _message);
        return _socket!.TrySend(_message.WrittenSpan, mayWait ? SendWait : TimeSpan.Zero);
    }

    public void Dispose() => _socket?.Dispose();

    private string Text(OperationalEvent published) => _isJson ? EventFormat.Json(published) : EventFormat.Line(published);
}
