namespace FastTcpProxy.Control.Configuration;

/// <summary>How an upstream is told who the client is.</summary>
public enum ModeSetting
{
    /// <summary>A PROXY protocol header of version 2 goes first.</summary>
    ProxyV2,

    /// <summary>A PROXY protocol header of version 1 goes first.</summary>
    ProxyV1,

    /// <summary>Nothing is said.</summary>
    Raw,
}
