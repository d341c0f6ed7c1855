namespace FastTcpProxy.Control.Configuration;

/// <summary>What an address of the configuration names.</summary>
public enum AddressKind
{
    /// <summary>An IP address and a port.</summary>
    Ip,

    /// <summary>A DNS name and a port; upstreams only.</summary>
    Dns,

    /// <summary>The path of a UNIX stream socket.</summary>
    Unix,
}
