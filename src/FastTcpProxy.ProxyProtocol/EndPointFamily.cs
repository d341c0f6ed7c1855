namespace FastTcpProxy.ProxyProtocol;

/// <summary>The kind of address that an <see cref="InetEndPoint"/> holds. A plain value, usable on any thread.</summary>
public enum EndPointFamily : byte
{
    /// <summary>No address: the default value of an <see cref="InetEndPoint"/>.</summary>
    Unspecified,

    /// <summary>IPv4.</summary>
    InterNetwork,

    /// <summary>IPv6.</summary>
    InterNetworkV6,
}
