using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>
/// Whether an address could be listened on, without listening: no client can get into the queue of a socket that is closed again. A UNIX
/// socket is not even bound, because its file would be visible. Any thread but a loop; what it opens it closes.
/// </summary>
public static class ListenTrial
{
    /// <param name="address">Where.</param>
    /// <param name="besideOwn">Whether sockets of this process that would be closed may be in the way.</param>
    /// <returns>Why not; null: it could be, a moment ago.</returns>
    public static string? FindObstacle(ListenAddress address, bool besideOwn)
    {
        ArgumentNullException.ThrowIfNull(address);
        string? why = address.UnixPath is { } path ? ExplainUnix(path) : ExplainTcp(address, besideOwn);
        return why is null ? null : $"cannot listen on {address}: {why}";
    }

    private static string? ExplainTcp(ListenAddress address, bool besideOwn)
    {
        IPEndPoint endPoint = (IPEndPoint)address.EndPoint;
        try
        {
            using Socket socket = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = address.IsDualStack;
            if (besideOwn) Native.SetReusePort((int)socket.SafeHandle.DangerousGetHandle());
            socket.Bind(endPoint);
            return null;
        }
        catch (SocketException e)
        {
            return BindErrors.Explain(e);
        }
    }

    private static string? ExplainUnix(string path)
    {
        if (UnixSocketFile.IsServed(path)) return UnixSocketFile.Explain(new SocketException((int)SocketError.AddressAlreadyInUse), path);
        if (UnixSocketFile.Identify(path) is { IsSocket: false })
            return UnixSocketFile.Explain(new SocketException((int)SocketError.AddressAlreadyInUse), path);
        string folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder)) return UnixSocketFile.Explain(new SocketException((int)SocketError.AddressNotAvailable), path);
        return PathAccess.MayWrite(folder)
            ? null
            : UnixSocketFile.Explain(new SocketException((int)SocketError.AccessDenied), path);
    }
}
