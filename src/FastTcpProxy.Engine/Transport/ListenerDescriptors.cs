using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// The listening sockets of one address, on their way from one process to the next. Immutable; it does not own the descriptors.
/// </summary>
/// <param name="Address">As in the configuration: "0.0.0.0:25", "[::]:25", "unix:/run/x.sock".</param>
/// <param name="Descriptors">Listening stream sockets that are bound to it; each has its own queue of clients.</param>
public sealed record ListenerDescriptors(string Address, ImmutableArray<int> Descriptors)
{
    /// <summary>
    /// Whether the file of a UNIX socket belongs to another process (a service manager that made the socket), and stays when listening
    /// ends.
    /// </summary>
    public bool KeepsFile { get; init; }

    /// <summary>
    /// Whether the process that takes them has bound them itself, and takes them back: no other one listens on them, so it closes them as
    /// its own.
    /// </summary>
    public bool IsOwn { get; init; }

    /// <summary>
    /// The file of a UNIX socket that goes with it; null where it belongs to another process, or is not known: then the file at the path
    /// counts.
    /// </summary>
    public FileIdentity? File { get; init; }
}
