namespace FastTcpProxy.Engine.Transport;

/// <summary>Who may connect to a UNIX socket: to connect is to write to its file (unix(7)). Immutable, any thread.</summary>
/// <param name="Mode">Of the file; null: what the bind and the process's umask make of it.</param>
/// <param name="Group">The number of the file's group; null: what the bind makes of it.</param>
/// <param name="GroupText">The group as the configuration writes it, for errors.</param>
public sealed record SocketAccess(UnixFileMode? Mode, uint? Group, string? GroupText = null)
{
    /// <summary>Everything as the bind makes it.</summary>
    public static SocketAccess AsBound { get; } = new(null, null);
}
