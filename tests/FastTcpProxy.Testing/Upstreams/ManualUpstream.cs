using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Upstreams;

/// <summary>
/// An upstream that the test plays itself, step by step: it accepts when it is told to, and what it does then is the test's.
/// One task at a time; it owns the listener, and the caller that accepts a connection owns that.
/// </summary>
public sealed class ManualUpstream : IDisposable
{
    private readonly Socket _listener;

    /// <param name="address">Where to listen; a free port of 127.0.0.1 when null.</param>
    public ManualUpstream(IPEndPoint? address = null)
    {
        address ??= new IPEndPoint(IPAddress.Loopback, 0);
        _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(address);
        _listener.Listen();
        EndPoint = (IPEndPoint)_listener.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Whether a connection waits to be accepted.</summary>
    public bool HasConnection => _listener.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    /// <summary>Makes every connection accepted from now on take few bytes before its sender has to wait.</summary>
    public void KeepReceiveBuffersSmall() => _listener.ReceiveBufferSize = 4096;

    /// <summary>Accepts the next connection.</summary>
    /// <exception cref="TimeoutException">None came in time.</exception>
    public async Task<TestClient> AcceptAsync(TimeSpan? within = null)
    {
        using var end = new CancellationTokenSource(within ?? Deadline.Patient);
        try
        {
            var socket = await _listener.AcceptAsync(end.Token);
            socket.NoDelay = true;
            return TestClient.Take(socket);
        }
        catch (OperationCanceledException e)
        {
            throw new TimeoutException("no connection arrived in time", e);
        }
    }

    public void Dispose() => _listener.Dispose();
}
