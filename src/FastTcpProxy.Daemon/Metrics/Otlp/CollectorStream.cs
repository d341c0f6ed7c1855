using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Connections;

namespace FastTcpProxy.Daemon.Metrics.Otlp;

/// <summary>
/// The connection to a collector. The HTTP client continues on the thread pool and never on a thread that carries traffic. It owns its
/// socket; to dispose it ends what is under way.
/// </summary>
internal sealed class CollectorStream : ChannelStream
{
    private readonly Socket _socket;
    private readonly SocketOperation _receive = new(), _send = new();

    private CollectorStream(Socket socket) => _socket = socket;

    /// <exception cref="SocketException">No address of the name accepts, or there is none.</exception>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, CancellationToken stop)
    {
        IPAddress[] addresses = await Dns.GetHostAddressesAsync(target.Host, stop);
        SocketError last = SocketError.HostNotFound;
        foreach (IPAddress address in addresses)
        {
            stop.ThrowIfCancellationRequested();
            Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            // To close it is what ends a connect that takes too long.
            await using (stop.UnsafeRegister(static s => ((Socket)s!).Dispose(), socket))
            {
                using SocketOperation connect = new();
                if (await connect.ConnectAsync(socket, new IPEndPoint(address, target.Port)) != SocketOperation.Failed)
                    return new CollectorStream(socket);
                last = connect.SocketError;
            }
            socket.Dispose();
        }
        stop.ThrowIfCancellationRequested();
        throw new SocketException((int)last);
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _receive.ReceiveAsync(_socket, buffer);

    public override async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = await _send.SendAsync(_socket, bytes);
            if (sent is 0 or SocketOperation.Failed) return false;
            bytes = bytes[sent..];
        }
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Dispose();
            _receive.Dispose();
            _send.Dispose();
        }
        base.Dispose(disposing);
    }
}
