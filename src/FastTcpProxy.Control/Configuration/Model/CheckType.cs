namespace FastTcpProxy.Control.Configuration;

/// <summary>What a check speaks.</summary>
public enum CheckType : byte
{
    /// <summary>HTTP/1.1, over TLS when the URL says so.</summary>
    Http,

    /// <summary>Connects; sends and expects bytes when it is told which.</summary>
    Tcp,
}
