using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using FastTcpProxy.ProxyProtocol;
using static FastTcpProxy.Engine.Transport.Linux.Errno;
using static FastTcpProxy.Engine.Transport.Linux.SocketConstants;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>The system calls on listening sockets that the framework does not make, or does not make without disturbing other holders of
/// the socket. Stateless.</summary>
internal static unsafe class NativeListener
{
    private const int IPv6Only = 26;
    private const int SockStream = 1, CloseOnExecFlag = 0x80000;
    private const int EpollDelete = 2;
    private const int AddressBytesMax = 128, UnixPathOffset = 2;

    /// <summary>Why the descriptor is not a listening stream socket; null when it is one.</summary>
    public static string? FindFlaw(int fd)
    {
        if (Get(fd, SolSocket, SoType) is not { } type) return "it is not an open socket";
        if (type != SockStream) return "it is not a stream socket";
        return Get(fd, SolSocket, SoAcceptConnections) == 1 ? null : "it does not listen";
    }

    /// <summary>
    /// What it is bound to, as in a configuration; null for other families. The name of an abstract UNIX socket is given with an "@" for
    /// its NUL.
    /// </summary>
    public static string? DescribeName(int fd)
    {
        byte* address = stackalloc byte[AddressBytesMax];
        uint length = AddressBytesMax;
        if (getsockname(fd, address, &length) != 0) return null;
        switch (*(ushort*)address)
        {
            case AfInet:
                return new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(address + 4, 4)), Port(address)).ToString();
            case AfInet6:
                return new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(address + 8, 16), *(uint*)(address + 24)),
                    Port(address)).ToString();
            case AfUnix when length > UnixPathOffset:
                ReadOnlySpan<byte> name = new(address + UnixPathOffset, (int)Math.Min(length, AddressBytesMax) - UnixPathOffset);
                if (name[0] == 0) return "unix:@" + Encoding.UTF8.GetString(name[1..]);
                int end = name.IndexOf((byte)0);
                return "unix:" + Encoding.UTF8.GetString(end < 0 ? name : name[..end]);
            default:
                return null;
        }
    }

    /// <summary>Whether an IPv6 socket takes no IPv4 clients (ipv6(7)).</summary>
    public static bool IsIPv6Only(int fd) => Get(fd, SolIPv6, IPv6Only) == 1;

    /// <summary>Another descriptor of the same socket.</summary>
    /// <exception cref="BindException">There is no descriptor left.</exception>
    public static int Duplicate(int fd)
    {
        int duplicate = NativeDescriptor.Duplicate(fd);
        return duplicate >= 0 ? duplicate : throw new BindException($"a listening socket cannot be shared between "
            + $"loops: {new SocketException((int)Native.ToSocketError(Marshal.GetLastSystemError())).Message}");
    }

    /// <summary>Takes the oldest connection of the queue, if there is one; never waits on a non-blocking socket.</summary>
    /// <param name="fd">The listening socket.</param>
    /// <param name="peer">Who it is, IPv4 where it came over IPv4; unspecified on a UNIX socket.</param>
    /// <param name="error">Why there is none; <see cref="SocketError.WouldBlock"/> when the queue is empty.</param>
    /// <returns>Its descriptor, or -1.</returns>
    public static int TryAccept(int fd, out InetEndPoint peer, out SocketError error)
    {
        peer = default;
        byte* address = stackalloc byte[AddressBytesMax];
        while (true)
        {
            uint length = AddressBytesMax;
            int accepted = accept4(fd, address, &length, CloseOnExecFlag);
            if (accepted >= 0)
            {
                error = SocketError.Success;
                peer = ToPeer(address, length);
                return accepted;
            }
            int errno = Marshal.GetLastSystemError();
            error = Native.ToSocketError(errno);
            if (errno != Eintr) return -1;
        }
    }

    /// <summary>
    /// Lets no new handshake begin here: a client's SYN is dropped, and what belongs to a handshake that has begun still comes
    /// (SO_ATTACH_FILTER, socket(7)). The client repeats its SYN after a second (RFC 6298, 2.1). Holds for all who hold the socket, and for
    /// what is accepted from now on, see <see cref="LetHandshakesBegin"/>.
    /// </summary>
    public static void LetNoHandshakeBegin(int fd)
    {
        // Of linux/filter.h. The packet begins with the TCP header, which has its flags in byte 13.
        const ushort loadByte = 0x30, and = 0x54, jumpIfEqual = 0x15, returnValue = 0x06;
        const uint flagsAt = 13, synAndAck = 0x12, syn = 0x02;
        FilterStep* steps = stackalloc FilterStep[]
        {
            new(loadByte, flagsAt), new(and, synAndAck), new(jumpIfEqual, syn, ifFalse: 1), new(returnValue, 0),
            new(returnValue, uint.MaxValue),
        };
        FilterProgram program = new() { Length = 5, Steps = steps };
        _ = setsockopt(fd, SolSocket, SoAttachFilter, &program, (uint)sizeof(FilterProgram));
    }

    /// <summary>Takes that back; also for an accepted connection, which inherits the filter of its listener.</summary>
    public static void LetHandshakesBegin(int fd)
    {
        int none = 0;
        _ = setsockopt(fd, SolSocket, SoDetachFilter, &none, sizeof(int));
    }

    /// <summary>
    /// Lets <paramref name="fd"/> mean another socket, in one step; what it meant before is closed here and stays open in all other
    /// processes that hold it.
    /// </summary>
    public static bool Replace(int fd, int by)
    {
        while (true)
        {
            if (dup3(by, fd, CloseOnExecFlag) >= 0) return true;
            if (Marshal.GetLastSystemError() is not (Eintr or Ebusy)) return false;
        }
    }

    /// <summary>Takes the descriptor out of an epoll set, if it is in it.</summary>
    public static bool RemoveFromSet(int set, int fd) =>
        epoll_ctl(set, EpollDelete, fd, null) == 0 || Marshal.GetLastSystemError() == Enoent;

    /// <summary>Binds to a path by the plain call: the framework would take the file for its own and remove it with the socket.</summary>
    public static SocketError BindUnix(int fd, SocketAddress address)
    {
        fixed (byte* p = address.Buffer.Span)
        {
            if (bind(fd, p, (uint)address.Size) == 0) return SocketError.Success;
        }
        int errno = Marshal.GetLastSystemError();
        return errno == Enoent ? SocketError.AddressNotAvailable : Native.ToSocketError(errno);
    }

    public static SocketError Listen(int fd, int backlog) =>
        listen(fd, backlog) == 0 ? SocketError.Success : Native.ToSocketError(Marshal.GetLastSystemError());

    private static int Port(byte* address) => address[2] << 8 | address[3];

    private static InetEndPoint ToPeer(byte* address, uint length)
    {
        if (length < 8) return default;
        return *(ushort*)address switch
        {
            AfInet => InetEndPoint.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(address + 4, 4)),
                (ushort)Port(address)),
            AfInet6 => InetEndPoint.FromIPv6(BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(address + 8, 16)),
                (ushort)Port(address)).Unmap(),
            _ => default,
        };
    }

    private static int? Get(int fd, int level, int name)
    {
        int value = 0;
        uint length = sizeof(int);
        return getsockopt(fd, level, name, &value, &length) == 0 ? value : null;
    }

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct FilterStep(ushort code, uint value, byte ifFalse = 0)
    {
        public readonly ushort Code = code;
        public readonly byte IfTrue;
        public readonly byte IfFalse = ifFalse;
        public readonly uint Value = value;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public FilterStep* Steps;
    }

    // Blittable, so no marshalling is generated; errno is read with GetLastSystemError right after a failed call.
    [DllImport("libc")]
    private static extern int getsockopt(int fd, int level, int name, void* value, uint* length);

    [DllImport("libc")]
    private static extern int setsockopt(int fd, int level, int name, void* value, uint length);

    [DllImport("libc")]
    private static extern int getsockname(int fd, void* address, uint* length);

    [DllImport("libc")]
    private static extern int accept4(int fd, void* address, uint* length, int flags);

    [DllImport("libc")]
    private static extern int dup3(int from, int to, int flags);

    [DllImport("libc")]
    private static extern int epoll_ctl(int set, int operation, int fd, void* change);

    [DllImport("libc")]
    private static extern int bind(int fd, byte* address, uint length);

    [DllImport("libc")]
    private static extern int listen(int fd, int backlog);
}
