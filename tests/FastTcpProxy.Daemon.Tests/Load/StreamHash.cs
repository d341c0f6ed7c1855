using System.IO.Hashing;
using System.Net.Sockets;

namespace FastTcpProxy.Daemon.Tests.Load;

/// <summary>
/// Sends a stream of a given length whose content follows from a seed, or receives one to its end; both give its hash, so that two ends can
/// compare what left with what arrived. Stateless; any thread.
/// </summary>
internal static class StreamHash
{
    private const int BlockBytes = 256 << 10;

    /// <summary>Sends the bytes and ends the direction. Returns their hash.</summary>
    public static async Task<ulong> SendAsync(Socket socket, int seed, long length, CancellationToken end)
    {
        byte[] block = new byte[BlockBytes];
        new Random(seed).NextBytes(block);
        XxHash3 hash = new();
        for (long sent = 0; sent < length;)
        {
            // The block differs each time, so that a block lost, doubled or moved changes the hash.
            BitConverter.TryWriteBytes(block, sent);
            ReadOnlyMemory<byte> rest = block.AsMemory(0, (int)Math.Min(BlockBytes, length - sent));
            hash.Append(rest.Span);
            sent += rest.Length;
            while (rest.Length > 0) rest = rest[await socket.SendAsync(rest, end)..];
        }
        socket.Shutdown(SocketShutdown.Send);
        return hash.GetCurrentHashAsUInt64();
    }

    /// <summary>Receives to the end of the stream. Returns how many bytes came, and their hash.</summary>
    public static async Task<(long Bytes, ulong Hash)> ReceiveAsync(Socket socket, CancellationToken end)
    {
        byte[] buffer = new byte[BlockBytes];
        XxHash3 hash = new();
        long bytes = 0;
        while (true)
        {
            int got = await socket.ReceiveAsync(buffer, end);
            if (got == 0) return (bytes, hash.GetCurrentHashAsUInt64());
            hash.Append(buffer.AsSpan(0, got));
            bytes += got;
        }
    }
}
