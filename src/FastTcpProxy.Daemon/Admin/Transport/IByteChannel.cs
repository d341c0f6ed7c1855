using FastTcpProxy.Control.Connections;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// Receives and sends the bytes of a connection. Errors are values. It is opened first; then one task receives and one sends. All of it
/// runs on the thread pool.
/// </summary>
internal interface IByteChannel : IDisposable
{
    /// <summary>Whether bytes can flow from now on. Ends when the socket is closed, at the latest.</summary>
    ValueTask<bool> OpenAsync();

    /// <summary>Bytes received; 0 at the end; <see cref="SocketOperation.Failed"/>.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer);

    /// <summary>Whether all of it was sent.</summary>
    ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Says that nothing more is sent, where there are words for that. Ends when the socket is closed, at the latest.</summary>
    ValueTask EndAsync();
}
