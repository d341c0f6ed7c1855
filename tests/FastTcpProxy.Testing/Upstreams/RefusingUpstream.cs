using System.Net;
using FastTcpProxy.Testing.Net;

namespace FastTcpProxy.Testing.Upstreams;

/// <summary>
/// An address where no one listens, so that a connect is refused at once, and where an upstream can be opened later.
/// Immutable; it holds nothing but the claim on its port, which lasts as long as the test process.
/// </summary>
public sealed class RefusingUpstream
{
    public IPEndPoint EndPoint { get; } = FreePort.Loopback();
}
