namespace FastTcpProxy.Control.Configuration;

/// <summary>What <c>type</c> of a health check says.</summary>
internal enum CheckTypeSetting
{
    Http,
    Tcp,

    /// <summary>There is no check, whatever the other keys say.</summary>
    None,
}
