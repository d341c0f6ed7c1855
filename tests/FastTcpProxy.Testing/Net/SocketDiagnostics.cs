using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Testing.Net;

/// <summary>
/// Asks the kernel for the TCP sockets that listen (sock_diag(7)). It walks only those, so the answer costs microseconds; reading
/// /proc/net/tcp takes milliseconds on a machine with much memory, and far more after a test that left tens of thousands in TIME_WAIT.
/// Any thread; it holds nothing between calls.
/// </summary>
internal static partial class SocketDiagnostics
{
    private const int AddressFamilyInet = 2;
    private const int AddressFamilyInet6 = 10;
    private const int AddressFamilyNetlink = 16;
    private const int SocketRawCloseOnExec = 3 | 0x80000;
    private const int NetlinkSocketDiagnostics = 4;

    private const int HeaderLength = 16;
    private const int RequestLength = HeaderLength + 56;
    private const int BodyLength = 72;
    private const ushort TypeError = 2;
    private const ushort TypeDone = 3;
    private const ushort TypeSocketByFamily = 20;
    private const ushort FlagsRequestDump = 0x301;
    private const byte ProtocolTcp = 6;
    private const uint StateListenBit = 1 << 10;

    /// <summary>Bigger than the 32 KiB that the kernel puts into one datagram at most.</summary>
    private const int BufferLength = 64 * 1024;

    /// <summary>All listening sockets with the lengths of their accept queues; null when this kernel does not tell.</summary>
    public static List<(IPAddress Address, int Port, int Queue)>? TryRead()
    {
        var netlink = OpenSocket(AddressFamilyNetlink, SocketRawCloseOnExec, NetlinkSocketDiagnostics);
        if (netlink < 0)
            return null;
        try
        {
            var listeners = new List<(IPAddress, int, int)>();
            return TryDump(netlink, AddressFamilyInet, listeners) && TryDump(netlink, AddressFamilyInet6, listeners) ? listeners : null;
        }
        finally
        {
            _ = Close(netlink);
        }
    }

    private static bool TryDump(int netlink, byte family, List<(IPAddress, int, int)> listeners)
    {
        // struct nlmsghdr and struct inet_diag_req_v2, in the machine's byte order; what stays zero asks for every socket.
        Span<byte> request = stackalloc byte[RequestLength];
        request.Clear();
        MemoryMarshal.Write(request, (uint)RequestLength);
        MemoryMarshal.Write(request[4..], TypeSocketByFamily);
        MemoryMarshal.Write(request[6..], FlagsRequestDump);
        request[HeaderLength] = family;
        request[HeaderLength + 1] = ProtocolTcp;
        MemoryMarshal.Write(request[(HeaderLength + 4)..], StateListenBit);
        if (Send(netlink, request, RequestLength, 0) != RequestLength)
            return false;

        var buffer = new byte[BufferLength];
        while (true)
        {
            var count = Receive(netlink, buffer, BufferLength, 0);
            if (count < HeaderLength)
                return false;
            for (var rest = buffer.AsSpan(0, (int)count); rest.Length >= HeaderLength;)
            {
                var length = MemoryMarshal.Read<int>(rest);
                switch (MemoryMarshal.Read<ushort>(rest[4..]))
                {
                    case TypeDone:
                        return true;
                    case TypeError:
                        return false;
                    case TypeSocketByFamily when length >= HeaderLength + BodyLength:
                        listeners.Add(ReadBody(rest[HeaderLength..]));
                        break;
                }
                // Messages begin at multiples of four bytes.
                rest = rest[Math.Min(rest.Length, Math.Max(HeaderLength, (length + 3) & ~3))..];
            }
        }
    }

    /// <summary>struct inet_diag_msg: ports and addresses in the network's order; the queue is idiag_rqueue.</summary>
    private static (IPAddress, int, int) ReadBody(ReadOnlySpan<byte> body)
    {
        var address = body.Slice(8, body[0] == AddressFamilyInet6 ? 16 : 4);
        return (new IPAddress(address), BinaryPrimitives.ReadUInt16BigEndian(body[4..]), MemoryMarshal.Read<int>(body[56..]));
    }

    [LibraryImport("libc", EntryPoint = "socket")]
    private static partial int OpenSocket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint Send(int descriptor, ReadOnlySpan<byte> bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv")]
    private static partial nint Receive(int descriptor, Span<byte> buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
