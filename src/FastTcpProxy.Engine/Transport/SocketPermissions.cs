namespace FastTcpProxy.Engine.Transport;

/// <summary>Who may connect to a UNIX socket: to connect is to write to its file (unix(7)). Immutable, any thread.</summary>
/// <param name="Mode">Of the file; null: what the bind and the process's umask make of it, or the socket's own default.</param>
/// <param name="Group">Of the file; null: what the bind makes of it.</param>
public sealed record SocketPermissions(UnixFileMode? Mode, SocketGroup? Group)
{
    /// <summary>Nothing is asked for: everything as the bind makes it.</summary>
    public static SocketPermissions AsBound { get; } = new(null, null);
}
