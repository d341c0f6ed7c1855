using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>The keys of <c>log</c>. Immutable, any thread.</summary>
internal static class LogKeys
{
    private static readonly Key<LogFormatSetting> Format = Key<LogFormatSetting>.WithDefault("format",
        new ChoiceKind<LogFormatSetting>(("json", LogFormatSetting.Json, "One JSON object per session."),
            ("tcplog", LogFormatSetting.Tcplog, "One line per session in HAProxy's TCP log layout."),
            ("tcplog-id", LogFormatSetting.TcplogId, "The same, with the session's id at the end of the line."),
            ("none", LogFormatSetting.None, "No session log.")),
        LogFormatSetting.Json,
        "One line per session as a JSON object (json), in HAProxy's TCP log layout (tcplog), in that layout with the session's id at its "
            + "end (tcplog-id), or not at all (none); `--log-format` overrides it.",
        "\"tcplog\"");

    private static readonly Key<LogTarget> Target = Key<LogTarget>.WithDefault("target",
        new TargetKind(withFile: true, LogTarget.StandardOutput), LogTarget.StandardOutput,
        "Where the session log goes: standard output (stdout); a file, to which lines are appended, and which SIGHUP and "
        + "`fasttcpproxy log reopen` open again; or syslog, at a UNIX datagram socket or a UDP server.",
        "\"file:/var/log/fasttcpproxy/sessions.log\"");

    private static readonly Key<UnixFileMode> FileMode = Key<UnixFileMode>.WithDefault("fileMode", new SocketModeKind("a file of the log"),
        LogConfiguration.DefaultFileMode, "The mode of a file of the session log that is new, in octal, as text.", "\"0644\"");

    private static readonly Key<SyslogFacility> Facility = Facilities(SyslogFacility.Local0, "The syslog facility of the session log.");

    private static readonly Key<SyslogProtocol> Syslog = Key<SyslogProtocol>.WithDefault("syslog",
        new ChoiceKind<SyslogProtocol>(("rfc5424", SyslogProtocol.Rfc5424, "With structured data: service, upstream, session."),
            ("rfc3164", SyslogProtocol.Rfc3164, "As the C library sends it, for journald and rsyslog's default /dev/log.")),
        SyslogProtocol.Rfc5424,
        "The form of syslog messages of both logs. journald, and rsyslog at its default /dev/log, take apart rfc3164 only.",
        "\"rfc3164\"");

    private static readonly Key<EventLogConfiguration> Events = Key<EventLogConfiguration>.WithDefault("events", MakeEventKind(), null!,
        "The operational log: events that concern the operator.", """{ "format": "json", "level": "warning" }""");

    public static ObjectKind<LogConfiguration> Kind { get; } = new([Format, Target, FileMode, Facility, Syslog, Events], Make);

    private static LogConfiguration Make(ObjectReader reader)
    {
        LogConfiguration log = new()
        {
            Format = reader.Get(Format),
            Target = reader.Get(Target),
            FileMode = reader.Get(FileMode),
            Facility = reader.Get(Facility),
            Syslog = reader.Get(Syslog),
            Events = reader.GetObject(Events),
        };
        if (!reader.Sound(Target, FileMode, Facility, Syslog)) return log;
        WarnWithoutEffect(reader, FileMode, log.Target.Kind == LogTargetKind.File, "target is no file");
        WarnWithoutEffect(reader, Facility, log.Target.Kind == LogTargetKind.Syslog, "target is not syslog");
        WarnWithoutEffect(reader, Syslog, log.Target.Kind == LogTargetKind.Syslog || log.Events.Target.Kind == LogTargetKind.Syslog,
            "no target is syslog");
        return log;
    }

    private static ObjectKind<EventLogConfiguration> MakeEventKind()
    {
        EventLogConfiguration defaults = new();
        Key<EventFormatSetting> format = Key<EventFormatSetting>.WithDefault("format",
            new ChoiceKind<EventFormatSetting>(("text", EventFormatSetting.Text, "Time, level, event id and text."),
                ("json", EventFormatSetting.Json, "One JSON object per event, with the values of its text as fields.")),
            defaults.Format, "One line per event as text (text) or as a JSON object (json).", "\"json\"");
        Key<LogTarget> target = Key<LogTarget>.WithDefault("target",
            new TargetKind(withFile: false, LogTarget.StandardError, LogTarget.Journal), defaults.Target,
            "Where events go: standard error (stderr); standard error with the priority of each line before it, as journald reads it "
            + "(journald), which stderr does by itself where systemd has connected it to the journal; or syslog, at a UNIX datagram "
            + "socket or a UDP server. While syslog cannot be reached events go to standard error.",
            "\"syslog:/dev/log\"");
        Key<EventLevelSetting> level = Key<EventLevelSetting>.WithDefault("level",
            new ChoiceKind<EventLevelSetting>(("info", EventLevelSetting.Info, "Every event."),
                ("warning", EventLevelSetting.Warning, "Warnings and errors."), ("error", EventLevelSetting.Error, "Errors.")),
            defaults.Level, "The lowest level that is logged.", "\"warning\"");
        Key<SyslogFacility> facility = Facilities(SyslogFacility.Daemon, "The syslog facility of events.");
        return new ObjectKind<EventLogConfiguration>([format, target, level, facility], reader =>
        {
            EventLogConfiguration events = new()
            {
                Format = reader.Get(format),
                Target = reader.Get(target),
                Level = reader.Get(level),
                Facility = reader.Get(facility),
            };
            if (reader.Sound(target, facility))
                WarnWithoutEffect(reader, facility, events.Target.Kind == LogTargetKind.Syslog, "target is not syslog");
            return events;
        });
    }

    private static void WarnWithoutEffect(ObjectReader reader, Key key, bool hasEffect, string why)
    {
        if (!hasEffect && reader.Own(key) is not null)
            reader.Context.Problems.Warning(reader.At(key), ConfigurationCodes.LogKeyWithoutEffect,
                $"{key.Name} has no effect, because {why}, expected a target that it is for, or no {key.Name}");
    }

    private static Key<SyslogFacility> Facilities(SyslogFacility byDefault, string documentation) =>
        Key<SyslogFacility>.WithDefault("facility", new ChoiceKind<SyslogFacility>(Array.ConvertAll(Enum.GetValues<SyslogFacility>(),
            facility => (facility.ToString().ToLowerInvariant(), facility, $"Facility {(int)facility}."))),
            byDefault, documentation, "\"local3\"");
}
