using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Background;

namespace FastTcpProxy.Daemon.Demo;

/// <summary>
/// An upstream inside the demo, or its health service, which can be started, stopped and made silent. Its sockets block its own threads:
/// completions of asynchronous ones would run on the threads that carry the proxy's traffic. Commands come from one thread. It owns its
/// sockets.
/// </summary>
internal sealed class DemoServer : IDisposable
{
    private const int Backlog = 128;

    /// <summary>Connections served at once, each by a thread; more are closed.</summary>
    private const int ConnectionsMax = 32;

    private readonly Action<Socket> _serve;
    private readonly Lock _lock = new();
    private readonly List<Socket> _connections = [];
    private readonly BackgroundWork _background = new();
    private Socket? _listener;
    private SilentListener? _silent;

    /// <param name="name">Its name.</param>
    /// <param name="serve">What it does with a connection, on the connection's thread.</param>
    /// <exception cref="SocketException">No port could be had.</exception>
    public DemoServer(string name, Action<Socket> serve)
    {
        Name = name;
        _serve = serve;
        Address = new IPEndPoint(IPAddress.Loopback, 0);
        Start();
    }

    public string Name { get; }

    /// <summary>Where it listens; stays the same when it is stopped and started again.</summary>
    public IPEndPoint Address { get; private set; }

    public DemoServerState State { get; private set; } = DemoServerState.Stopped;

    public void Start()
    {
        if (State == DemoServerState.Started) return;
        Stop();
        Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(Address);
        listener.Listen(Backlog);
        Address = (IPEndPoint)listener.LocalEndPoint!;
        _listener = listener;
        State = DemoServerState.Started;
        Run(() => Accept(listener));
    }

    /// <summary>As if its process had ended: the port refuses, and its connections are closed.</summary>
    public void Stop()
    {
        _listener?.Dispose();
        _listener = null;
        _silent?.Dispose();
        _silent = null;
        lock (_lock)
        {
            foreach (Socket connection in _connections) connection.Dispose();
            _connections.Clear();
        }
        State = DemoServerState.Stopped;
    }

    /// <summary>As if its machine had gone: connects get no answer.</summary>
    public void FallSilent()
    {
        if (State == DemoServerState.Silent) return;
        Stop();
        _silent = SilentListener.Start(Address);
        State = DemoServerState.Silent;
    }

    public void Dispose() => Stop();

    private void Run(Action work) => _background.Thread(Name, () => _background.Guard(Name, work)).Start();

    private void Accept(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket connection = listener.Accept();
                if (TryAdd(connection)) Run(() => Serve(connection));
                else connection.Dispose();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private bool TryAdd(Socket connection)
    {
        lock (_lock)
        {
            if (_connections.Count >= ConnectionsMax) return false;
            _connections.Add(connection);
            return true;
        }
    }

    private void Serve(Socket connection)
    {
        try
        {
            _serve(connection);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client went away, or the upstream was stopped.
        }
        lock (_lock) _connections.Remove(connection);
        connection.Dispose();
    }
}

/// <summary>A connection as an upstream of the demo saw it. Immutable.</summary>
/// <param name="Upstream">Which upstream.</param>
/// <param name="Header">The bytes of the PROXY header that came first.</param>
/// <param name="Lines">The same, decoded, one fact a line.</param>
/// <param name="Summary">The same in one line.</param>
/// <param name="Client">The client that the header names.</param>
internal sealed record DemoArrival(string Upstream, byte[] Header, IReadOnlyList<string> Lines, string Summary, string Client);

/// <summary>How a server of the demo behaves.</summary>
internal enum DemoServerState
{
    /// <summary>It accepts and answers.</summary>
    Started,

    /// <summary>Nothing listens: connects are refused.</summary>
    Stopped,

    /// <summary>Connects get no answer, as from a machine that is gone.</summary>
    Silent,
}
