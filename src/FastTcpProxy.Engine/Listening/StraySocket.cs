using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Listening;

/// <summary>A listening UNIX socket that no client finds. Immutable.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="File">What is at its path.</param>
public sealed record StraySocket(string Address, SocketFileState File)
{
    /// <summary>What it means, and what to do.</summary>
    public string Why => File == SocketFileState.Gone
        ? "no client can connect, because its file was removed: a reload binds it again"
        : "no client can connect, because another file has taken its place: move that file away, then a reload binds the socket again";
}
