namespace FastTcpProxy.ProxyProtocol;

/// <summary>The command of a header (specification 2.2, low half of the 13th byte). The values are those on the wire.</summary>
public enum ProxyCommand : byte
{
    /// <summary>
    /// The sender opened the connection for itself, a health check for example: the connection's own ends are the true ones.
    /// </summary>
    Local = 0,

    /// <summary>The connection was opened on behalf of another node. Version 1 knows only this one.</summary>
    Proxy = 1,
}
