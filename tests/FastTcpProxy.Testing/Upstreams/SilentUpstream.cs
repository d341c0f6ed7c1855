using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Testing.Net;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Testing.Upstreams;

/// <summary>
/// An address that does not answer: a listener that never accepts and whose queue is full, so that the kernel drops each further SYN
/// (listen(2); tcp_abort_on_overflow does not matter, it is about the handshake's last packet). It needs no rights.
/// One task at a time; it owns the listener and the connections that fill its queue.
/// </summary>
public sealed class SilentUpstream : IDisposable
{
    /// <summary>A queue of backlog zero takes one connection: the kernel calls it full when it holds more than its backlog.</summary>
    private const int QueueLengthMax = 1;

    private readonly Socket _listener;
    private readonly List<Socket> _fillers = [];

    private SilentUpstream(Socket listener)
    {
        _listener = listener;
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Makes a silent address; a free port of 127.0.0.1 when <paramref name="address"/> is null.</summary>
    /// <exception cref="TimeoutException">The queue did not get full.</exception>
    public static async Task<SilentUpstream> StartAsync(IPEndPoint? address = null)
    {
        address ??= new IPEndPoint(IPAddress.Loopback, 0);
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(address);
        listener.Listen(0);
        var silent = new SilentUpstream(listener);
        try
        {
            for (var i = 0; i < QueueLengthMax; i++)
            {
                var filler = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                silent._fillers.Add(filler);
                using var end = new CancellationTokenSource(Deadline.Patient);
                await filler.ConnectAsync(silent.EndPoint, end.Token);
            }
            // The connect returns with the second packet of the handshake; the queue grows with the third.
            await Eventually.EqualsAsync(
                QueueLengthMax, () => ListeningSockets.QueueLength(silent.EndPoint) ?? -1, "the accept queue is full");
            return silent;
        }
        catch
        {
            silent.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var filler in _fillers)
            filler.Dispose();
        _listener.Dispose();
    }
}
