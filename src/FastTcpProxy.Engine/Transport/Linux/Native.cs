using System.Net.Sockets;
using System.Runtime.InteropServices;
using FastTcpProxy.ProxyProtocol;
using static FastTcpProxy.Engine.Transport.Linux.Errno;
using static FastTcpProxy.Engine.Transport.Linux.SocketConstants;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// The system calls that are made directly on a descriptor: those of the fast path, and those for which the framework has no call or
/// throws. All are non-blocking. Stateless; any thread that owns the descriptor.
/// </summary>
internal static unsafe class Native
{
    private const int IpTtl = 2, IpBindAddressNoPort = 24, IPv6UnicastHops = 16;
    private const int TcpNoDelay = 1, TcpKeepIdle = 4, TcpKeepInterval = 5, TcpKeepCount = 6, TcpInfo = 11, TcpQuickAck = 12,
        TcpRepair = 19, TcpUserTimeout = 18;
    private const int MsgMore = 0x8000;
    private const nuint SiocOutQ = 0x5411;
    private const int ShutWrite = 1;

    public static IoResult Receive(int fd, Span<byte> destination) => Receive(fd, destination, MsgDontWait);

    public static IoResult Peek(int fd, Span<byte> destination) => Receive(fd, destination, MsgDontWait | MsgPeek);

    public static IoResult Send(int fd, ReadOnlySpan<byte> source, bool more)
    {
        int flags = more ? MsgDontWait | MsgNoSignal | MsgMore : MsgDontWait | MsgNoSignal;
        fixed (byte* p = source)
        {
            while (true)
            {
                nint sent = send(fd, p, (nuint)source.Length, flags);
                if (sent >= 0) return IoResult.Of((int)sent);
                int errno = Marshal.GetLastSystemError();
                if (errno != Eintr) return IoResult.Fail(ToSocketError(errno));
            }
        }
    }

    /// <summary>
    /// Begins to connect a non-blocking socket: <see cref="SocketError.InProgress"/> while the answer is awaited,
    /// <see cref="SocketError.Success"/> where there is nothing to wait for (UNIX sockets), or why it cannot be.
    /// </summary>
    public static SocketError Connect(int fd, ReadOnlySpan<byte> address)
    {
        fixed (byte* p = address)
        {
            if (connect(fd, p, (uint)address.Length) == 0) return SocketError.Success;
        }
        int errno = Marshal.GetLastSystemError();
        // An interrupted connect continues by itself (connect(2)).
        return errno == Eintr ? SocketError.InProgress : ToSocketError(errno);
    }

    /// <summary>Dissolves a connection that is over, so that the socket can connect again (connect(2), AF_UNSPEC).</summary>
    public static bool TryDisconnect(int fd)
    {
        ulong* address = stackalloc ulong[2] { AfUnspecified, 0 };
        return connect(fd, (byte*)address, 16) == 0;
    }

    public static void ShutdownSend(int fd) => _ = shutdown(fd, ShutWrite);

    /// <summary>Whether an error is pending. POLLHUP would not do: it also stands for two ends in order.</summary>
    public static bool IsReset(int fd) => (Poll(fd, 0) & PollFd.Error) != 0;

    /// <summary>
    /// Whether there is something to receive, the end or an error too. Takes nothing: a receive would take a pending error, and the next
    /// one would say "end".
    /// </summary>
    public static bool IsReadable(int fd) => Poll(fd, PollFd.In) != 0;

    /// <summary>Whether a connect is decided, either way, or a send would find room.</summary>
    public static bool IsWritable(int fd) => Poll(fd, PollFd.Out) != 0;

    /// <summary>Whether the peer has ended its direction, or the connection broke (POLLRDHUP, poll(2)).</summary>
    public static bool IsEnded(int fd) => (Poll(fd, PollFd.PeerEnded) & PollFd.PeerEnded) != 0;

    /// <summary>What waits in the send queue until it is acknowledged (SIOCOUTQ, tcp(7)); 0 where the socket cannot say.</summary>
    public static int UnacknowledgedBytes(int fd)
    {
        int bytes = 0;
        return ioctl(fd, SiocOutQ, &bytes) == 0 ? bytes : 0;
    }

    /// <summary>A close after this sends a reset and drops what is unsent (SO_LINGER with time zero, socket(7)).</summary>
    public static void ResetOnClose(int fd)
    {
        long onWithZero = 1;
        _ = setsockopt(fd, SolSocket, SoLinger, &onWithZero, 8);
    }

    /// <summary>
    /// A close after this sends nothing (TCP_REPAIR, which needs CAP_NET_ADMIN). Otherwise what it sends has one hop to live (IP_TTL,
    /// ip(7); IPV6_UNICAST_HOPS, ipv6(7)).
    /// </summary>
    public static void Mute(int fd)
    {
        int on = 1;
        if (setsockopt(fd, SolTcp, TcpRepair, &on, sizeof(int)) == 0) return;
        Set(fd, SolIp, IpTtl, 1);
        Set(fd, SolIPv6, IPv6UnicastHops, 1);
    }

    /// <summary>
    /// Leaves an urgent byte where it stands in the stream (SO_OOBINLINE, socket(7); RFC 6093, 4): otherwise a receive skips it, and it is
    /// lost.
    /// </summary>
    public static void KeepUrgentInStream(int fd) => Set(fd, SolSocket, SoOobInline, 1);

    public static void SetNoDelay(int fd) => Set(fd, SolTcp, TcpNoDelay, 1);

    /// <summary>
    /// Lets acknowledgements wait for data to travel with, up to the kernel's 40 ms, from the first one on (TCP_QUICKACK off, tcp(7)).
    /// </summary>
    public static void DelayAcknowledgements(int fd) => Set(fd, SolTcp, TcpQuickAck, 0);

    /// <summary>Sends an acknowledgement that waits (TCP_QUICKACK on, tcp(7)).</summary>
    public static void AcknowledgeNow(int fd) => Set(fd, SolTcp, TcpQuickAck, 1);

    public static void SetReusePort(int fd) => Set(fd, SolSocket, SoReusePort, 1);

    public static void SetKeepAlive(int fd, in KeepAliveOptions options)
    {
        Set(fd, SolSocket, SoKeepAlive, 1);
        Set(fd, SolTcp, TcpKeepIdle, options.IdleSeconds);
        Set(fd, SolTcp, TcpKeepInterval, options.IntervalSeconds);
        Set(fd, SolTcp, TcpKeepCount, options.Count);
    }

    public static void SetUserTimeout(int fd, int milliseconds) => Set(fd, SolTcp, TcpUserTimeout, milliseconds);

    /// <summary>
    /// Binds to a source address and leaves the port to the connect, which can then share it between destinations (ip(7)).
    /// </summary>
    public static SocketError BindSource(int fd, InetEndPoint source)
    {
        Set(fd, SolIp, IpBindAddressNoPort, 1);
        byte* address = stackalloc byte[28];
        uint length = Write(address, source);
        return bind(fd, address, length) == 0 ? SocketError.Success : ToSocketError(Marshal.GetLastSystemError());
    }

    public static InetEndPoint GetLocalEndPoint(int fd)
    {
        byte* address = stackalloc byte[112];
        uint length = 112;
        if (getsockname(fd, address, &length) != 0) return default;
        ushort port = (ushort)(address[2] << 8 | address[3]);
        switch (*(ushort*)address)
        {
            case AfInet:
                return InetEndPoint.FromIPv4(
                    System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(address + 4, 4)), port);
            case AfInet6:
                UInt128 value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(address + 8, 16));
                return InetEndPoint.FromIPv6(value, port).Unmap();
            default:
                return default;
        }
    }

    private static IoResult Receive(int fd, Span<byte> destination, int flags)
    {
        fixed (byte* p = destination)
        {
            while (true)
            {
                nint received = recv(fd, p, (nuint)destination.Length, flags);
                if (received >= 0) return IoResult.Of((int)received);
                int errno = Marshal.GetLastSystemError();
                if (errno != Eintr) return IoResult.Fail(ToSocketError(errno));
            }
        }
    }

    private static short Poll(int fd, short events)
    {
        PollFd poll = new(fd, events);
        return NativeDescriptor.Poll(new Span<PollFd>(ref poll), 0) > 0 ? poll.Returned : (short)0;
    }

    private static uint Write(byte* address, InetEndPoint endPoint)
    {
        new Span<byte>(address, 28).Clear();
        address[2] = (byte)(endPoint.Port >> 8);
        address[3] = (byte)endPoint.Port;
        if (endPoint.Family == EndPointFamily.InterNetwork)
        {
            *(ushort*)address = AfInet;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(address + 4, 4), endPoint.AddressV4);
            return 16;
        }
        *(ushort*)address = AfInet6;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(new Span<byte>(address + 8, 16), endPoint.Address);
        return 28;
    }

    /// <summary>How a TCP peer answers (TCP_INFO, tcp(7)); false for other sockets.</summary>
    public static bool TryGetSendState(int fd, out SendState state)
    {
        // Fields of struct tcp_info, linux/tcp.h.
        const int probes = 3, unacked = 24, lastDataSent = 44, lastAckReceived = 56, bytesAcked = 120, sendWindow = 228;
        byte* info = stackalloc byte[sendWindow + 4];
        uint length = sendWindow + 4;
        state = default;
        if (getsockopt(fd, SolTcp, TcpInfo, info, &length) != 0 || length < bytesAcked + 8) return false;
        // Before Linux 5.4 the window is not told: an open one is the older meaning of the limit.
        uint window = length < sendWindow + 4 ? uint.MaxValue : *(uint*)(info + sendWindow);
        state = new SendState(
            *(uint*)(info + bytesAcked), *(uint*)(info + unacked), window, info[probes], *(uint*)(info + lastAckReceived),
            *(uint*)(info + lastDataSent));
        return true;
    }

    /// <summary>How a TCP connection has fared (TCP_INFO, tcp(7)); false for other sockets.</summary>
    public static bool TryGetPathState(int fd, out PathState state)
    {
        // Fields of struct tcp_info, linux/tcp.h.
        const int lost = 32, roundTrip = 68, totalRetransmits = 100;
        byte* info = stackalloc byte[totalRetransmits + 4];
        uint length = totalRetransmits + 4;
        state = default;
        if (getsockopt(fd, SolTcp, TcpInfo, info, &length) != 0 || length < totalRetransmits + 4) return false;
        state = new PathState(*(uint*)(info + roundTrip), *(uint*)(info + totalRetransmits), *(uint*)(info + lost));
        return true;
    }

    private static void Set(int fd, int level, int name, int value) => _ = setsockopt(fd, level, name, &value, sizeof(int));

    public static SocketError ToSocketError(int errno) => errno switch
    {
        Eagain => SocketError.WouldBlock,
        Econnreset => SocketError.ConnectionReset,
        Epipe => SocketError.Shutdown,
        Etimedout => SocketError.TimedOut,
        Econnrefused => SocketError.ConnectionRefused,
        Ehostunreach => SocketError.HostUnreachable,
        Enetunreach => SocketError.NetworkUnreachable,
        Eaddrinuse => SocketError.AddressAlreadyInUse,
        Eaddrnotavail => SocketError.AddressNotAvailable,
        Emfile or Enfile => SocketError.TooManyOpenSockets,
        Enobufs or Enomem => SocketError.NoBufferSpaceAvailable,
        Eperm or Eacces => SocketError.AccessDenied,
        Enotconn => SocketError.NotConnected,
        Einprogress => SocketError.InProgress,
        // The path of a UNIX socket does not exist: no process listens.
        Enoent => SocketError.ConnectionRefused,
        Enetdown => SocketError.NetworkDown,
        Ehostdown => SocketError.HostDown,
        Eafnosupport => SocketError.AddressFamilyNotSupported,
        _ => SocketError.SocketError,
    };

    // Blittable, so no marshalling is generated; errno is read with GetLastSystemError right after a failed call.
    [DllImport("libc")]
    private static extern nint recv(int fd, void* buffer, nuint length, int flags);

    [DllImport("libc")]
    private static extern nint send(int fd, void* buffer, nuint length, int flags);

    [DllImport("libc")]
    private static extern int shutdown(int fd, int how);

    [DllImport("libc")]
    private static extern int setsockopt(int fd, int level, int name, void* value, uint length);

    [DllImport("libc")]
    private static extern int getsockopt(int fd, int level, int name, void* value, uint* length);

    [DllImport("libc")]
    private static extern int getsockname(int fd, void* address, uint* length);

    [DllImport("libc")]
    private static extern int connect(int fd, byte* address, uint length);

    [DllImport("libc")]
    private static extern int bind(int fd, void* address, uint length);

    [DllImport("libc")]
    private static extern int ioctl(int fd, nuint request, int* value);
}
