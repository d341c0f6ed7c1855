using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Loop;

namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// What an engine runs on: it makes the transport of each loop and the driver of all loops, and binds their listening sockets. Its members
/// are for the thread that changes listeners, except for <see cref="Rebind"/>, which a loop calls. All transports of a factory accept what
/// the factory or one of its transports has made.
/// </summary>
internal interface ITransportFactory
{
    /// <summary>What makes its transports slower than they should be, for operators; null: nothing.</summary>
    string? Trouble { get; }

    /// <summary>Made once, before the loops.</summary>
    ILoopDriver CreateDriver(BackgroundWork background);

    /// <summary>The transport of one loop.</summary>
    /// <param name="loop">Which loop.</param>
    /// <param name="recycledMax">Sockets of closed connections that it may keep to connect again.</param>
    ITransport Create(EventLoop loop, int recycledMax);

    /// <summary>Binds an address: a socket for each loop among which clients are spread, or one in all for a UNIX socket.</summary>
    /// <param name="address">Where.</param>
    /// <param name="loops">How many loops there are.</param>
    /// <param name="besideOwn">Whether sockets of this process that are about to close may be in the way: then a rival is not noticed
    /// either.</param>
    /// <exception cref="BindException">The address cannot be had; the message says why.</exception>
    BoundListener[] Bind(ListenAddress address, int loops, bool besideOwn);

    /// <summary>Takes a listening socket that another process has bound.</summary>
    BoundListener Wrap(ListenAddress address, int descriptor);

    /// <summary>
    /// Binds again what failed for good, beside the sockets that other loops have of the address. The file of a UNIX socket stays the same
    /// object.
    /// </summary>
    /// <exception cref="BindException">It cannot be had now.</exception>
    BoundListener Rebind(BoundListener lost);

    /// <summary>Closes a socket that no transport has taken. Others who hold it notice nothing.</summary>
    void Release(BoundListener bound);

    /// <summary>Why <see cref="Bind"/> would fail now; null: it would not. Listens nowhere.</summary>
    string? FindObstacle(ListenAddress address, bool besideOwn);
}
