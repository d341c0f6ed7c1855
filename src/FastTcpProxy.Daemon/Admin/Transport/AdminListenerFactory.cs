using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// Gives Kestrel the sockets that are bound already, in place of its own socket transport, which would accept, receive and send on the engine's
/// threads and go to the thread pool for the requests only. Used at the start.
/// </summary>
internal sealed class AdminListenerFactory(ImmutableArray<AdminEntry> entries, TimeProvider time) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new AdminListener(entries.Single(e => ReferenceEquals(e.EndPoint, endpoint)), time));
}
