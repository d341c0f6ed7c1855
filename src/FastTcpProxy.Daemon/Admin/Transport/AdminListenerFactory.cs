using System.Net;
using Microsoft.AspNetCore.Connections;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// Gives Kestrel the socket that is bound already, in place of its own socket transport, which would accept, receive and send on the engine's
/// threads and go to the thread pool for the requests only. Used once, at the start.
/// </summary>
internal sealed class AdminListenerFactory(AdminSocket socket, TimeProvider time) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new AdminListener(endpoint, socket, time));
}
