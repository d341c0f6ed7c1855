namespace FastTcpProxy.Control.Configuration;

/// <summary>Whether a problem of the configuration forbids its use.</summary>
public enum ConfigurationSeverity
{
    /// <summary>The configuration is not used.</summary>
    Error,

    /// <summary>The configuration is valid and will surprise.</summary>
    Warning,
}
