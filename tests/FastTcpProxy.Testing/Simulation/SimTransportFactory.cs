using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Testing.Simulation;

/// <summary>
/// Makes the transport of a simulation, and its listening sockets, whose descriptors are numbers of its own. One thread; owned by its
/// world.
/// </summary>
internal sealed class SimTransportFactory(SimWorld world) : ITransportFactory
{
    private readonly Dictionary<int, SimListenSocket> _sockets = [];
    private int _lastDescriptor = 1_000;

    /// <summary>Addresses that others have.</summary>
    public HashSet<string> Taken { get; } = [];

    /// <summary>Sockets that are bound, and that neither a transport has taken nor anyone has closed.</summary>
    public int Unused => _sockets.Values.Count(s => !s.IsOwned && !s.IsClosed);

    /// <summary>How often it was tried to bind anew what was lost.</summary>
    public int Rebinds { get; private set; }

    public string? Trouble => null;

    public ILoopDriver CreateDriver(BackgroundWork background) => world;

    public ITransport Create(EventLoop loop, int recycledMax) => new SimTransport(world);

    public BoundListener[] Bind(ListenAddress address, int loops, bool besideOwn)
    {
        if (FindObstacle(address, besideOwn) is { } why)
            throw new BindException(why, new SocketException((int)SocketError.AddressAlreadyInUse));
        return [.. Enumerable.Range(0, address.UnixPath is null ? loops : 1).Select(_ => Add(address, new SimListenSocket(world)))];
    }

    public BoundListener Wrap(ListenAddress address, int descriptor) =>
        new(address, descriptor, LocalOf(address)) { IsInherited = true };

    public BoundListener Rebind(BoundListener lost)
    {
        Rebinds++;
        return Bind(lost.Address, 1, besideOwn: true)[0] with { File = lost.File };
    }

    public void Release(BoundListener bound) => SocketOf(bound).Close();

    public string? FindObstacle(ListenAddress address, bool besideOwn) =>
        Taken.Contains(address.Text) ? $"cannot listen on {address}: it is taken" : null;

    public SimListenSocket SocketOf(BoundListener bound) => _sockets[bound.Descriptor];

    /// <summary>The socket that was bound last.</summary>
    public SimListenSocket Latest => _sockets[_lastDescriptor];

    private BoundListener Add(ListenAddress address, SimListenSocket socket)
    {
        _sockets.Add(++_lastDescriptor, socket);
        return new BoundListener(address, _lastDescriptor, LocalOf(address));
    }

    private static InetEndPoint LocalOf(ListenAddress address) =>
        address.EndPoint is IPEndPoint ip ? InetEndPoint.FromIPEndPoint(ip) : default;
}
