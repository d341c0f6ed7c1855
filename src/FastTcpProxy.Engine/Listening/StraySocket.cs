using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Listening;

/// <summary>A UNIX socket that is listened on and that no client finds. Immutable.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="File">What is at its path.</param>
public sealed record StraySocket(string Address, SocketFileState File)
{
    /// <summary>What it means, and what to do.</summary>
    public string Why => File == SocketFileState.Gone
        ? "nobody can connect, as its file was removed: a reload binds it anew"
        : "nobody can connect, as another file has taken its place: move that one away, then a reload binds it anew";
}
