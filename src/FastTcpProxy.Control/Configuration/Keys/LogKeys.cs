using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>The keys of <c>log</c>. Immutable, any thread.</summary>
internal static class LogKeys
{
    private static readonly Key<LogFormatSetting> Format = Key<LogFormatSetting>.WithDefault("format",
        new ChoiceKind<LogFormatSetting>(("json", LogFormatSetting.Json, "One JSON object per session."),
            ("tcplog", LogFormatSetting.Tcplog, "One line per session in HAProxy's TCP log layout."),
            ("none", LogFormatSetting.None, "No session log.")),
        LogFormatSetting.Json,
        "One line per session as a JSON object (json), in HAProxy's TCP log layout (tcplog), or not at all (none); `--log-format` "
            + "overrides it.",
        "\"tcplog\"");

    public static ObjectKind<LogConfiguration> Kind { get; } = new([Format], reader =>
        new LogConfiguration { Format = reader.Get(Format) });
}
