namespace FastTcpProxy.Engine.Transport;

/// <summary>Whether clients find a UNIX socket by its path.</summary>
public enum SocketFileState
{
    /// <summary>The file is the socket's.</summary>
    InPlace,

    /// <summary>The file was removed or moved away.</summary>
    Gone,

    /// <summary>Another file has taken its place.</summary>
    Replaced,
}
