using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// A connect to a port of this machine on which no process listens, and which the kernel may choose as a local port, can choose that very
/// port and then meets itself (RFC 9293, 3.5, simultaneous open). Sessions and checks treat it as the refusal that it should have been.
/// Pure, any thread.
/// </summary>
public static class SelfConnect
{
    /// <param name="local">The local end of the connection.</param>
    /// <param name="target">What was connected to. The wildcard address stands for the loopback, from which the kernel then also
    /// connects.</param>
    public static bool IsItself(InetEndPoint local, InetEndPoint target) =>
        local.Port == target.Port && local.Port != 0 && (local.Equals(target) || IsWildcard(target));

    private static bool IsWildcard(InetEndPoint end) => end.Family switch
    {
        EndPointFamily.InterNetwork => end.AddressV4 == 0,
        EndPointFamily.InterNetworkV6 => end.Address == 0,
        _ => false,
    };
}
