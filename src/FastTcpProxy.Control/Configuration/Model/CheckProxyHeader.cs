namespace FastTcpProxy.Control.Configuration;

/// <summary>The PROXY header at the start of a check's connection.</summary>
public enum CheckProxyHeader : byte
{
    None,

    /// <summary>Version 1 with the addresses of the check's own connection.</summary>
    V1,

    /// <summary>Version 2, LOCAL (PROXY protocol specification, section 2.2): for checks that the proxy makes by itself.</summary>
    V2,
}
