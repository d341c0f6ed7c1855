namespace FastTcpProxy.Control.Configuration;

/// <summary>How a client learns that every upstream failed.</summary>
public enum AllFailedSetting
{
    /// <summary>Its connection is reset.</summary>
    Reset,

    /// <summary>Its connection is closed cleanly.</summary>
    Close,
}
