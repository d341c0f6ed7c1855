using System.Net.Sockets;
using System.Runtime.InteropServices;
using FastTcpProxy.Daemon.Protocol;
using static FastTcpProxy.Engine.Transport.Linux.SocketConstants;

namespace FastTcpProxy.Daemon.Sockets;

/// <summary>
/// Who connected to a UNIX socket, as the kernel noted it at that moment (SO_PEERCRED, unix(7)): it cannot be forged. Immutable.
/// </summary>
/// <param name="Pid">The process, as this one's namespace numbers it; 0 where it cannot be seen from here.</param>
/// <param name="Uid">Its effective user.</param>
/// <param name="Gid">Its effective group.</param>
internal readonly record struct PeerCredentials(int Pid, uint Uid, uint Gid)
{
    private const int Bytes = 12;

    /// <summary>Null where the socket has none.</summary>
    public static PeerCredentials? Read(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[Bytes];
        try
        {
            return socket.GetRawSocketOption(SolSocket, SoPeerCredentials, credentials) == Bytes
                ? MemoryMarshal.Read<PeerCredentials>(credentials)
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    public Caller ToCaller(UserNames users) => new(users.Find(Uid), $"unix uid={Uid} pid={Pid}") { IsRoot = Uid == 0 };
}
