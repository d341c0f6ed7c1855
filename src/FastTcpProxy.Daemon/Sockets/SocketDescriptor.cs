using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FastTcpProxy.Daemon.Sockets;

/// <summary>What the framework does not say of a descriptor, or set on it. Stateless; any thread that owns the descriptor.</summary>
internal static class SocketDescriptor
{
    private const int GetFlags = 1, SetFlags = 2, CloseOnExec = 1;
    private const int SocketLevel = 1, AcceptConnectionsOption = 30;

    /// <summary>Sets FD_CLOEXEC (fcntl(2)).</summary>
    public static void SetCloseOnExec(int descriptor)
    {
        int flags = fcntl(descriptor, GetFlags, 0);
        if (flags >= 0) _ = fcntl(descriptor, SetFlags, flags | CloseOnExec);
    }

    /// <summary>Whether it listens (SO_ACCEPTCONN, socket(7)).</summary>
    public static bool IsListening(Socket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        return socket.GetRawSocketOption(SocketLevel, AcceptConnectionsOption, value) == sizeof(int) && MemoryMarshal.Read<int>(value) != 0;
    }

    // Blittable, so no marshalling is generated.
    [DllImport("libc")]
    private static extern int fcntl(int fd, int command, nint argument);
}
