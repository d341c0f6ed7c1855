using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Listening;

/// <summary>The sockets of one address from which no loop accepts yet. Owned by the <see cref="ListenerChange"/> that holds it.</summary>
/// <param name="Service">The service whose clients will be accepted.</param>
/// <param name="Address">Where.</param>
/// <param name="Sockets">Bound and listening.</param>
/// <param name="KeepsFile">Whether the file of a UNIX socket belongs to another process.</param>
internal sealed record BoundGroup(ServiceState Service, ListenAddress Address, BoundListener[] Sockets, bool KeepsFile)
{
    /// <summary>Whether another process has bound them.</summary>
    public bool IsInherited => Sockets[0].IsInherited;

    /// <summary>The file of a UNIX socket that belongs to this process, or will belong to it; null for others.</summary>
    public ISocketFile? File => Sockets[0].File;

    /// <summary>Gives up what was bound. The file of an inherited socket stays with the process that it came from.</summary>
    public void Release(ITransportFactory transports)
    {
        foreach (BoundListener listener in Sockets) transports.Release(listener);
        if (IsInherited) File?.SetBack();
        else File?.TryRemove();
    }
}
