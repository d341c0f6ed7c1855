namespace FastTcpProxy.Control.Configuration;

/// <summary>Who may connect to a UNIX socket: to connect is to write to its file (unix(7)). Immutable, any thread.</summary>
/// <param name="Mode">Of its file; null: by the socket's own default.</param>
/// <param name="Group">Of its file; null: what the process makes files with.</param>
public sealed record SocketPermissions(UnixFileMode? Mode, SocketGroup? Group)
{
    /// <summary>Nothing is asked for.</summary>
    public static SocketPermissions None { get; } = new(null, null);
}
