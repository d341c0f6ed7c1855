namespace FastTcpProxy.ProxyProtocol;

/// <summary>The address family of a header (specification 2.2, high half of the 14th byte). The values are those on the wire.</summary>
public enum ProxyAddressFamily : byte
{
    /// <summary>UNSPEC, and UNKNOWN in version 1: the header names no address.</summary>
    Unspecified = 0,

    /// <summary>IPv4.</summary>
    InterNetwork = 1,

    /// <summary>IPv6.</summary>
    InterNetworkV6 = 2,

    /// <summary>UNIX socket paths.</summary>
    Unix = 3,
}
