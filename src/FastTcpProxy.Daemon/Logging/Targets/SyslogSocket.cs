using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Daemon.Logging.Targets;

/// <summary>
/// The datagram socket of a syslog server, on this machine or over UDP. It connects when it is first used, and again after the server was
/// started anew; between attempts that fail it waits, longer each time. It never blocks longer than it is told to. One thread; it owns the
/// socket.
/// </summary>
/// <param name="server">A UNIX socket, or an address with a port.</param>
internal sealed class SyslogSocket(EndPoint server, TimeProvider time) : IDisposable
{
    /// <summary>
    /// Bytes of one message, after which it is cut: what rsyslog takes by default (maxMessageSize), and more than the 2,048 that every
    /// receiver should take (RFC 5424, 6.1).
    /// </summary>
    public const int MessageBytesMax = 8 * 1024;

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100), PauseMax = TimeSpan.FromSeconds(5);

    private Socket? _socket;
    private TimeSpan _pause = PauseMin;
    private long _failedAt;
    private string? _why;

    /// <summary>Whether nothing tells a loss: UDP.</summary>
    public bool IsRemote => server is IPEndPoint;

    /// <summary>Sends one message.</summary>
    /// <param name="message">Cut where it is too long, between two characters.</param>
    /// <param name="wait">How long to wait for a server that does not read.</param>
    /// <returns>Why it could not be sent, and may be sent again; null: it was.</returns>
    public string? TrySend(ReadOnlySpan<byte> message, TimeSpan wait)
    {
        if (message.Length > MessageBytesMax) message = Cut(message);
        if (_socket is null && _why is not null && time.GetElapsedTime(_failedAt) < _pause) return _why;
        // A server that was started anew refuses the old connection: the second attempt is to the new one.
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (_socket is null && Connect() is { } why) return Fail(why);
            SocketError error = Send(message, wait);
            if (error == SocketError.Success)
            {
                _why = null;
                _pause = PauseMin;
                return null;
            }
            _why = error == SocketError.WouldBlock ? "it does not read" : new SocketException((int)error).Message;
            if (error == SocketError.WouldBlock) return _why;
            Close();
        }
        return Fail(_why!);
    }

    public void Dispose() => Close();

    private string Fail(string why)
    {
        if (_why is not null) _pause = _pause * 2 < PauseMax ? _pause * 2 : PauseMax;
        _failedAt = time.GetTimestamp();
        return _why = why;
    }

    private string? Connect()
    {
        bool isLocal = server is UnixDomainSocketEndPoint;
        Socket? socket = null;
        try
        {
            socket = isLocal
                ? new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
                : new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Blocking = false;
            socket.Connect(server);
            _socket = socket;
            return null;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            return isLocal && e.SocketErrorCode == SocketError.AddressNotAvailable ? "there is no such socket" : e.Message;
        }
    }

    private SocketError Send(ReadOnlySpan<byte> message, TimeSpan wait)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            _socket!.Send(message, SocketFlags.None, out SocketError error);
            if (error is not (SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable)) return error;
            TimeSpan left = wait - time.GetElapsedTime(began);
            if (left <= TimeSpan.Zero || !_socket.Poll(left, SelectMode.SelectWrite)) return SocketError.WouldBlock;
        }
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> message)
    {
        int length = MessageBytesMax;
        // Not within a character of UTF-8.
        while (length > 0 && (message[length] & 0xC0) == 0x80) length--;
        return message[..length];
    }
}
