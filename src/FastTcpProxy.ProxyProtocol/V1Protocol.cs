namespace FastTcpProxy.ProxyProtocol;

/// <summary>The second word of a line of version 1 (specification 2.1).</summary>
internal enum V1Protocol : byte
{
    None,
    Tcp4,
    Tcp6,
    Unknown,
}
