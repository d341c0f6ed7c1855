using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Testing.Upstreams;

/// <summary>
/// Sends back all that it receives; in raw mode that is what the client sent, otherwise the header comes back first.
/// Any thread; its base owns the sockets.
/// </summary>
public sealed class EchoUpstream(IPEndPoint? address = null) : TcpUpstream(address)
{
    protected override Task ServeAsync(Socket connection, CancellationToken stop) => EchoAsync(connection, default, stop);
}
