using System.Net.Sockets;
using FastTcpProxy.Daemon.Sockets;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>Bytes as they are. Used as its interface says; the socket is its caller's.</summary>
internal sealed class PlainChannel(Socket socket) : IByteChannel
{
    private readonly PoolOperation _receive = new();
    private readonly PoolOperation _send = new();

    public ValueTask<bool> OpenAsync() => ValueTask.FromResult(true);

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer) => _receive.ReceiveAsync(socket, buffer);

    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = await _send.SendAsync(socket, bytes);
            if (sent is 0 or PoolOperation.Failed) return false;
            bytes = bytes[sent..];
        }
        return true;
    }

    public ValueTask EndAsync() => default;

    public void Dispose()
    {
        _receive.Dispose();
        _send.Dispose();
    }
}
