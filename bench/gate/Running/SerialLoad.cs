using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Gate.Running;

/// <summary>
/// Connections through the proxy one after the other, or round trips on one, exactly as many as asked for: for what is counted and not
/// timed. Client and upstream are two threads of this process that wait for each other, so that the proxy meets the same events in the same
/// order every time. Each step is verified. One thread may use it; it owns the upstream's socket and thread.
/// </summary>
public sealed class SerialLoad : IDisposable
{
    /// <summary>Bytes of a request, and of an answer.</summary>
    public const int MessageBytes = 100;

    /// <summary>Bytes of a PROXY header of version 2 for TCP over IPv4.</summary>
    private const int HeaderBytes = 28;

    /// <summary>TCP_CORK of tcp(7): what is written leaves when the socket is closed, in one packet with the end.</summary>
    private const int TcpCork = 3;

    /// <summary>Longer than any machine is taken away: a client that waits so long waits in vain.</summary>
    private const int ReceiveTimeoutMs = 300_000;

    private readonly Socket _listener;
    private readonly Thread _upstream;
    private readonly int _proxyPort;
    private readonly TimeSpan _pause;
    private readonly byte[] _buffer = new byte[MessageBytes];
    private readonly SemaphoreSlim _proxied = new(0);
    private volatile bool _closesAfterAnswer;

    /// <param name="pause">
    /// Before the client's turn: long enough for the proxy to have done all it can, so that it never finds two events where there might be
    /// one.
    /// </param>
    /// <exception cref="GateException">The upstream's port is in use.</exception>
    public SerialLoad(int proxyPort, int upstreamPort, TimeSpan pause = default)
    {
        _proxyPort = proxyPort;
        _pause = pause;
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, upstreamPort));
        }
        catch (SocketException e)
        {
            _listener.Dispose();
            throw new GateException($"the upstream of the measurement cannot listen on 127.0.0.1:{upstreamPort}: {e.Message}");
        }
        _listener.Listen();
        _upstream = new Thread(Serve) { IsBackground = true, Name = "upstream" };
        _upstream.Start();
    }

    /// <summary>Connections: the header has arrived, a request, an answer together with the upstream's end, the client's end.</summary>
    /// <exception cref="GateException">Something else came.</exception>
    public void RunConnections(int count)
    {
        _closesAfterAnswer = true;
        for (int i = 0; i < count; i++)
        {
            using Socket client = Connect();
            Exchange(client);
            if (client.Receive(_buffer) != 0) throw new GateException("expected the end of the stream after the answer, got more bytes");
            Pause();
        }
        Pause();
    }

    /// <summary>Round trips on one connection.</summary>
    /// <param name="measure">
    /// Is given what makes the round trips, to call it once: before it and behind it the connection is open, and what that costs is not in
    /// it.
    /// </param>
    /// <exception cref="GateException">Something else came.</exception>
    public void RunRoundTrips(int count, Action<Action> measure)
    {
        _closesAfterAnswer = false;
        using Socket client = Connect();
        Exchange(client);
        measure(() =>
        {
            for (int i = 0; i < count; i++) Exchange(client);
            Pause();
        });
    }

    public void Dispose()
    {
        _listener.Dispose();
        _upstream.Join();
        _proxied.Dispose();
    }

    private Socket Connect()
    {
        Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true, ReceiveTimeout = ReceiveTimeoutMs,
        };
        client.Connect(IPAddress.Loopback, _proxyPort);
        if (!_proxied.Wait(ReceiveTimeoutMs)) throw new GateException("the proxy has not proxied a client to its upstream");
        return client;
    }

    private void Exchange(Socket client)
    {
        Pause();
        client.Send(_buffer);
        if (!TryReceiveAll(client, _buffer)) throw new GateException("expected an answer, got the end of the stream");
    }

    private void Pause()
    {
        if (_pause > TimeSpan.Zero) Thread.Sleep(_pause);
    }

    /// <summary>The upstream: one connection at a time, until the listener is closed.</summary>
    private void Serve()
    {
        byte[] header = new byte[HeaderBytes], message = new byte[MessageBytes];
        while (TryAccept() is { } connection)
        {
            using (connection)
            {
                // A wrong header, and a broken connection, are seen by the client: it waits in vain, and says so.
                if (!TryReceiveAll(connection, header) || header[0] != '\r' || header[12] != 0x21) continue;
                _proxied.Release();
                while (TryReceiveAll(connection, message))
                {
                    if (_closesAfterAnswer) connection.SetRawSocketOption((int)SocketOptionLevel.Tcp, TcpCork, BitConverter.GetBytes(1));
                    connection.Send(message);
                    if (_closesAfterAnswer) break;
                }
            }
        }
    }

    private Socket? TryAccept()
    {
        try
        {
            Socket connection = _listener.Accept();
            connection.NoDelay = !_closesAfterAnswer;
            return connection;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return null;
        }
    }

    private static bool TryReceiveAll(Socket socket, byte[] buffer)
    {
        for (int got = 0; got < buffer.Length;)
        {
            int count = socket.Receive(buffer, got, buffer.Length - got, SocketFlags.None);
            if (count == 0) return false;
            got += count;
        }
        return true;
    }
}
