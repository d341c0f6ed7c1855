using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Transport;

/// <summary>
/// One listening socket that is bound and listens, on its way to the loop that will accept from it. It owns its descriptor until
/// <see cref="ITransport.Listen"/> takes it or <see cref="ITransportFactory.Release"/> closes it. Immutable.
/// </summary>
/// <param name="Address">What was asked for.</param>
/// <param name="Descriptor">The socket's number in this process.</param>
/// <param name="LocalEndPoint">What it is bound to, the port filled in; unspecified for a UNIX socket.</param>
internal sealed record BoundListener(ListenAddress Address, int Descriptor, InetEndPoint LocalEndPoint)
{
    /// <summary>The file of a UNIX socket that is this process's; null for others.</summary>
    public ISocketFile? File { get; init; }

    /// <summary>Whether another process has bound it, and may hold it still.</summary>
    public bool IsInherited { get; init; }

    /// <summary>Whether it is another descriptor of a socket that the same address already has.</summary>
    public bool IsDuplicate { get; init; }
}
