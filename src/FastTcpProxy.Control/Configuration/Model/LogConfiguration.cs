namespace FastTcpProxy.Control.Configuration;

/// <summary>The session log. Immutable, any thread.</summary>
public sealed record LogConfiguration
{
    /// <summary>The layout of a session's line.</summary>
    public required LogFormatSetting Format { get; init; }
}
