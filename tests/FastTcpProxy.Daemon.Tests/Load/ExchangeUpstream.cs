using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using FastTcpProxy.Testing.Upstreams;

namespace FastTcpProxy.Daemon.Tests.Load;

/// <summary>
/// Sends a stream of its own while it receives the client's: both directions at once. The client begins with its number (4 bytes), under
/// which the upstream notes what it sent and what it got. Any thread; its base owns the sockets.
/// </summary>
internal sealed class ExchangeUpstream(long length) : TcpUpstream(null)
{
    /// <summary>What the upstream saw of each client: the hash of what it sent, and length and hash of what it got.</summary>
    public ConcurrentDictionary<int, (ulong Sent, long Bytes, ulong Got)> Exchanges { get; } = new();

    protected override async Task ServeAsync(Socket connection, CancellationToken stop)
    {
        byte[] number = new byte[4];
        for (int have = 0; have < number.Length;) have += await connection.ReceiveAsync(number.AsMemory(have), stop);
        int client = BinaryPrimitives.ReadInt32BigEndian(number);
        Task<ulong> sending = StreamHash.SendAsync(connection, ~client, length, stop);
        (long bytes, ulong got) = await StreamHash.ReceiveAsync(connection, stop);
        Exchanges[client] = (await sending, bytes, got);
    }
}
