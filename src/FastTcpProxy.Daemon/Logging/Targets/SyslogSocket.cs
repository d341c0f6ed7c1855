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

    /// <summary>
    /// Bytes that every receiver takes (RFC 5424, 6.1): a message of so many that the kernel refuses for its length is given up.
    /// </summary>
    public const int MessageBytesMin = 480;

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(100), PauseMax = TimeSpan.FromSeconds(5);

    private Socket? _socket;
    private TimeSpan _pause = PauseMin;
    private long _failedAt;
    private string? _why;
    private int _bytesMax = MessageBytesMax;

    /// <summary>
    /// Bytes after which messages are cut now. Fewer than <see cref="MessageBytesMax"/> once the kernel has refused a longer one: the
    /// socket's send buffer (net.core.wmem_default) or the path to the server takes no more. Any thread.
    /// </summary>
    public int BytesMax => Volatile.Read(ref _bytesMax);

    /// <summary>Whether the last message was refused for its length and cannot be cut further: to send it again is of no use.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Bytes of the socket's send buffer; null: what the system gives (net.core.wmem_default, socket(7)).</summary>
    internal int? SendBufferBytes { get; init; }

    /// <summary>Whether nothing tells a loss: UDP.</summary>
    public bool IsRemote => server is IPEndPoint;

    /// <summary>Sends one message.</summary>
    /// <param name="message">Cut where it is too long, between two characters.</param>
    /// <param name="wait">How long to wait for a server that does not read.</param>
    /// <returns>Why it could not be sent, and may be sent again unless <see cref="IsTooLong"/>; null: it was.</returns>
    public string? TrySend(ReadOnlySpan<byte> message, TimeSpan wait)
    {
        IsTooLong = false;
        if (_socket is null && _why is not null && time.GetElapsedTime(_failedAt) < _pause) return _why;
        // A server that was started anew refuses the old connection: the second attempt is to the new one.
        for (int attempt = 0; attempt < 2; attempt++)
        {
            if (_socket is null && Connect() is { } why) return Fail(why);
            SocketError error = SendCut(message, wait);
            if (error is SocketError.Success or SocketError.MessageSize)
            {
                _why = null;
                _pause = PauseMin;
                IsTooLong = error == SocketError.MessageSize;
                return IsTooLong ? new SocketException((int)error).Message : null;
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
            if (SendBufferBytes is { } bytes) socket.SendBufferSize = bytes;
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

    /// <summary>Sends what fits, and learns how much that is: half as much after each refusal (EMSGSIZE, send(2)).</summary>
    private SocketError SendCut(ReadOnlySpan<byte> message, TimeSpan wait)
    {
        while (true)
        {
            ReadOnlySpan<byte> part = Cut(message, _bytesMax);
            SocketError error = Send(part, wait);
            if (error != SocketError.MessageSize || part.Length <= MessageBytesMin) return error;
            Volatile.Write(ref _bytesMax, Math.Max(part.Length / 2, MessageBytesMin));
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
        // Another server may take more.
        Volatile.Write(ref _bytesMax, MessageBytesMax);
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> message, int length)
    {
        if (message.Length <= length) return message;
        // Not within a character of UTF-8.
        while (length > 0 && (message[length] & 0xC0) == 0x80) length--;
        return message[..length];
    }
}
