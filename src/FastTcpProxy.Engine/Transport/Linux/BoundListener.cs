using System.Net.Sockets;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport.Linux;

/// <summary>One listening socket that is bound and listens, on its way to the loop that will accept from it.</summary>
/// <param name="Address">What was asked for.</param>
/// <param name="Handle">The transport's own object.</param>
/// <param name="LocalEndPoint">What it is bound to, the port filled in; unspecified for a UNIX socket.</param>
internal sealed record BoundListener(ListenAddress Address, object Handle, InetEndPoint LocalEndPoint)
{
    /// <summary>The socket's number in this process; -1 in a simulation.</summary>
    public int Descriptor { get; init; } = -1;

    /// <summary>Of a UNIX socket that was bound here; null for others.</summary>
    public OwnedSocketFile? File { get; init; }

    /// <summary>Whether it is another descriptor of a socket that the same address already has.</summary>
    public bool IsDuplicate { get; init; }

    /// <summary>Gives up a socket that nobody accepts from yet.</summary>
    /// <param name="isInherited">Whether others hold it too, who must not notice.</param>
    public void Release(bool isInherited)
    {
        if (isInherited && Handle is Socket socket) SharedListener.LeaveUnused(socket);
        else ((IDisposable)Handle).Dispose();
    }
}
