namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// What moves the bytes of one loop: sockets in production, a seeded simulation in tests. Belongs to one loop.
/// </summary>
internal interface ITransport
{
    /// <summary>The loop's pipes. Not usable where splicing is not available.</summary>
    PipePool Pipes { get; }

    /// <summary>Sockets of ended connections that are kept to connect again.</summary>
    int SocketsRecycled { get; }

    /// <summary>A closed stream to connect with.</summary>
    StreamSocket Rent();

    /// <summary>
    /// A listening socket that was bound before, which it owns from the call on; it accepts nothing before it is told to.
    /// </summary>
    ListenSocket Listen(BoundListener bound, IAcceptOwner owner);

    /// <summary>
    /// Gives up the descriptors that are kept in reserve, so that an accepted client can still be connected and the runtime still has some
    /// for itself: it ends the process when it cannot have the two that a new thread takes. False: the reserve is already given up.
    /// </summary>
    bool ReleaseSpare();

    /// <summary>Takes the reserve back. False: it cannot be had whole.</summary>
    bool TryRestoreSpare();

    /// <summary>Closes what the transport itself holds open. The streams are their owners'.</summary>
    void Close();
}
