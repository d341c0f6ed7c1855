using System.Net.Security;
using System.Net.Sockets;
using FastTcpProxy.Control.Connections;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// Bytes within TLS. Kestrel's own TLS belongs to the host, which is not here (ADR 12). A fault of the other end ends the channel. Used as
/// its interface says; the caller owns the socket.
/// </summary>
internal sealed class TlsChannel : IByteChannel
{
    private readonly SslStream _stream;
    private readonly SslServerAuthenticationOptions _options;
    private readonly TimeSpan _handshakeTime;
    private readonly Action _close;

    /// <param name="close">Closes the socket, so that what waits for it ends.</param>
    public TlsChannel(Socket socket, SslServerAuthenticationOptions options, TimeSpan handshakeTime, Action close)
    {
        _stream = new SslStream(new PlainChannel(socket));
        _options = options;
        _handshakeTime = handshakeTime;
        _close = close;
    }

    /// <summary>The handshake, within its time.</summary>
    public async ValueTask<bool> OpenAsync() => await TryWithinTimeAsync(_stream.AuthenticateAsServerAsync(_options));

    public async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        try
        {
            return await _stream.ReadAsync(buffer);
        }
        catch (Exception e) when (TlsRules.IsEnd(e))
        {
            return SocketOperation.Failed;
        }
    }

    public async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await _stream.WriteAsync(bytes);
            return true;
        }
        catch (Exception e) when (TlsRules.IsEnd(e))
        {
            return false;
        }
    }

    /// <summary>The alert without which the other end cannot tell the end from a cut (RFC 8446, section 6.1).</summary>
    public async ValueTask EndAsync() => await TryWithinTimeAsync(_stream.ShutdownAsync());

    /// <summary>Disposes of the plain channel too.</summary>
    public void Dispose() => _stream.Dispose();

    private async Task<bool> TryWithinTimeAsync(Task work)
    {
        using CancellationTokenSource done = new();
        if (await Task.WhenAny(work, Task.Delay(_handshakeTime, done.Token)) != work) _close();
        await done.CancelAsync();
        try
        {
            await work;
            return true;
        }
        catch (Exception e) when (TlsRules.IsEnd(e))
        {
            return false;
        }
    }
}
