using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Daemon.Protocol;
using Microsoft.AspNetCore.Connections;

namespace FastTcpProxy.Daemon.Admin.Transport;

/// <summary>
/// Accepts the connections of the administrative interface on the thread pool. Used by Kestrel's accept loop; it owns the socket.
/// </summary>
internal sealed class AdminListener(AdminEntry entry, TimeProvider time) : IConnectionListener
{
    /// <summary>
    /// How long no connection is accepted after a failure: mostly no descriptor is left, and asking again at once would only spin.
    /// </summary>
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(100);

    private readonly SocketOperation _accept = new();
    private readonly CancellationTokenSource _closing = new();
    private long _connections;

    public EndPoint EndPoint => entry.EndPoint;

    /// <summary>The next connection; null when the listener is closed.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!_closing.IsCancellationRequested)
        {
            Socket listening = entry.Listening();
            if (await _accept.AcceptAsync(listening) != SocketOperation.Failed)
            {
                if (await TryTakeAsync(_accept.AcceptSocket!) is { } connection) return connection;
                continue;
            }
            // It was bound again.
            if (entry.Listening() != listening) continue;
            if (_accept.SocketError == SocketError.OperationAborted) break;
            await Task.Delay(FailurePause, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        return null;
    }

    /// <summary>Null: there is no place for it, or it failed by a defect, which must not end the accepting; the connection is
    /// closed.</summary>
    private async ValueTask<AdminConnection?> TryTakeAsync(Socket accepted)
    {
        ConnectionPlace? place = null;
        try
        {
            Caller caller = entry.Identify(accepted);
            place = await entry.Slots.TakeAsync(caller.Origin);
            if (place is not null)
            {
                AdminConnection connection = new($"admin-{++_connections}", accepted, entry, caller, place);
                connection.Start();
                return connection;
            }
        }
        catch (Exception)
        {
            if (place is not null) entry.Slots.Release(place);
        }
        accepted.Dispose();
        return null;
    }

    /// <summary>Ends the listening, and with it the accept loop.</summary>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _closing.Cancel();
        entry.Close();
        return default;
    }

    /// <summary>Frees what the accept loop used, which has ended by then.</summary>
    public ValueTask DisposeAsync()
    {
        entry.Close();
        _accept.Dispose();
        _closing.Dispose();
        return default;
    }
}

/// <summary>
/// Gives Kestrel the sockets that are bound already, in place of its own socket transport, which would accept, receive and send on the
/// engine's threads and go to the thread pool for the requests only. Used at the start.
/// </summary>
internal sealed class AdminListenerFactory(ImmutableArray<AdminEntry> entries, TimeProvider time) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new AdminListener(entries.Single(e => ReferenceEquals(e.EndPoint, endpoint)), time));
}
