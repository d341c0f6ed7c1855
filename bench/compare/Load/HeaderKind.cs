namespace FastTcpProxy.Compare.Load;

/// <summary>The PROXY header that the backend must find at the beginning of each connection.</summary>
public enum HeaderKind
{
    /// <summary>None: the first byte is the client's.</summary>
    None,
    V1,
    V2,
}
