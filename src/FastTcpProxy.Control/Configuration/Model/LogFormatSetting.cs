namespace FastTcpProxy.Control.Configuration;

/// <summary>The layout of the session log.</summary>
public enum LogFormatSetting
{
    /// <summary>One JSON object per line.</summary>
    Json,

    /// <summary>HAProxy's TCP log layout.</summary>
    Tcplog,

    /// <summary>No session log.</summary>
    None,
}
