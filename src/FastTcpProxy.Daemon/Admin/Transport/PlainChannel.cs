using System.Net.Sockets;
using FastTcpProxy.Control.Connections;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>Bytes as they are, also as the stream below TLS. Used as its interface says; the caller owns the socket.</summary>
internal sealed class PlainChannel(Socket socket) : ChannelStream, IByteChannel
{
    private readonly SocketOperation _receive = new();
    private readonly SocketOperation _send = new();

    public ValueTask<bool> OpenAsync() => ValueTask.FromResult(true);

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _receive.ReceiveAsync(socket, buffer);

    public override async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = await _send.SendAsync(socket, bytes);
            if (sent is 0 or SocketOperation.Failed) return false;
            bytes = bytes[sent..];
        }
        return true;
    }

    public ValueTask EndAsync() => default;

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _receive.Dispose();
            _send.Dispose();
        }
        base.Dispose(disposing);
    }
}
