using FastTcpProxy.ProxyProtocol;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>The end points of the connection that a balancer's header named. Only sessions behind a balancer hold one. Pooled.</summary>
internal sealed class ForwardedEnds : IResettable
{
    public InetEndPoint Source;
    public InetEndPoint Destination;

    public bool TryReset() => true;
}
