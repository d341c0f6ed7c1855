using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Transport.Linux;

namespace FastTcpProxy.Engine.Transport.Saea;

/// <summary>
/// Makes transports over the runtime's sockets. It owns what they share: the placement of sockets and the runtime's epoll sets. Any thread.
/// </summary>
/// <param name="threads">Of the runtime's sockets, and as many loops.</param>
internal sealed class SaeaTransportFactory(int threads) : ITransportFactory
{
    private readonly SocketPlacement _placement = new(threads);
    private readonly EventSets _eventSets = new();

    public string? Trouble => _placement.Trouble;

    public ILoopDriver CreateDriver(BackgroundWork background) => new PoolDriver(background);

    public ITransport Create(EventLoop loop, int recycledMax) => new SaeaTransport(loop, recycledMax, _placement, _eventSets);

    public BoundListener[] Bind(ListenAddress address, int loops, bool besideOwn) => ListenSocketBinder.Bind(address, loops, besideOwn);

    public BoundListener Wrap(ListenAddress address, int descriptor) => ListenSocketBinder.Wrap(address, descriptor);

    public BoundListener Rebind(BoundListener lost) => ListenSocketBinder.Rebind(lost);

    public void Release(BoundListener bound) => NativeDescriptor.Close(bound.Descriptor);

    public string? FindObstacle(ListenAddress address, bool besideOwn) => ListenTrial.FindObstacle(address, besideOwn);
}
