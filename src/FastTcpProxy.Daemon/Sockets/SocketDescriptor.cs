using System.Net.Sockets;
using System.Runtime.InteropServices;
using static FastTcpProxy.Engine.Transport.Linux.SocketConstants;

namespace FastTcpProxy.Daemon.Sockets;

/// <summary>Facts about a socket that the framework does not offer. Stateless; any thread that owns the socket.</summary>
internal static class SocketDescriptor
{
    /// <summary>Whether it listens (SO_ACCEPTCONN, socket(7)).</summary>
    public static bool IsListening(Socket socket)
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        return socket.GetRawSocketOption(SolSocket, SoAcceptConnections, value) == sizeof(int) && MemoryMarshal.Read<int>(value) != 0;
    }
}
