using System.Net;

namespace FastTcpProxy.Control.Configuration.Model;

/// <summary>The session log, and the log of events. Immutable, any thread.</summary>
public sealed record LogConfiguration
{
    /// <summary>The layout of a session's line.</summary>
    public required LogFormatSetting Format { get; init; }

    /// <summary>Where sessions are logged.</summary>
    public LogTarget Target { get; init; } = LogTarget.StandardOutput;

    /// <summary>The mode of a new file of sessions.</summary>
    public UnixFileMode FileMode { get; init; } = DefaultFileMode;

    /// <summary>The facility of sessions in syslog.</summary>
    public SyslogFacility Facility { get; init; } = SyslogFacility.Local0;

    /// <summary>What both logs send to a syslog socket.</summary>
    public SyslogProtocol Syslog { get; init; }

    /// <summary>The operational log.</summary>
    public EventLogConfiguration Events { get; init; } = new();

    /// <summary>The owner writes, the group reads: as logrotate and log shippers expect it.</summary>
    public const UnixFileMode DefaultFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
}

/// <summary>The operational log. Immutable, any thread.</summary>
public sealed record EventLogConfiguration
{
    public EventFormatSetting Format { get; init; }

    public LogTarget Target { get; init; } = LogTarget.StandardError;

    public EventLevelSetting Level { get; init; }

    public SyslogFacility Facility { get; init; } = SyslogFacility.Daemon;
}

/// <summary>The layout of the session log.</summary>
public enum LogFormatSetting
{
    /// <summary>One JSON object per line.</summary>
    Json,

    /// <summary>HAProxy's TCP log layout.</summary>
    Tcplog,

    /// <summary>The same, with the session's id at the end of the line.</summary>
    TcplogId,

    /// <summary>No session log.</summary>
    None,
}

/// <summary>The layout of the operational log.</summary>
public enum EventFormatSetting
{
    /// <summary>Time, level, event id and text.</summary>
    Text,

    /// <summary>One JSON object per event.</summary>
    Json,
}

/// <summary>Which events are logged: those of this level and above.</summary>
public enum EventLevelSetting
{
    Info,
    Warning,
    Error,
}

/// <summary>What is sent to a syslog socket.</summary>
public enum SyslogProtocol
{
    /// <summary>RFC 5424, with structured data.</summary>
    Rfc5424,

    /// <summary>RFC 3164, as syslog(3) sends it.</summary>
    Rfc3164,
}

/// <summary>The facilities that a program chooses (RFC 5424, table 1), by their numbers.</summary>
public enum SyslogFacility
{
    User = 1,
    Daemon = 3,
    Local0 = 16,
    Local1,
    Local2,
    Local3,
    Local4,
    Local5,
    Local6,
    Local7,
}

/// <summary>Where a log goes. Immutable, any thread.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As it was written.</param>
public sealed record LogTarget(LogTargetKind Kind, string Text)
{
    public static LogTarget StandardOutput { get; } = new(LogTargetKind.StandardOutput, "stdout");

    public static LogTarget StandardError { get; } = new(LogTargetKind.StandardError, "stderr");

    public static LogTarget Journal { get; } = new(LogTargetKind.Journal, "journald");

    /// <summary>Of a file, and of a syslog socket that is not on the network.</summary>
    public string? Path { get; init; }

    /// <summary>Of a syslog server.</summary>
    public IPEndPoint? EndPoint { get; init; }
}

/// <summary>What a log can be written to.</summary>
public enum LogTargetKind
{
    StandardOutput,
    StandardError,

    /// <summary>Standard error, with the priority of each line before it (sd-daemon(3)).</summary>
    Journal,
    File,

    /// <summary>A UNIX datagram socket, or UDP.</summary>
    Syslog,
}
