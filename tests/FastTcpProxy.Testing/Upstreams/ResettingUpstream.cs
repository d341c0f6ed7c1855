using System.Net;
using System.Net.Sockets;

namespace FastTcpProxy.Testing.Upstreams;

/// <summary>Accepts each connection and resets it. Any thread; its base owns the sockets.</summary>
public sealed class ResettingUpstream(ResetMoment moment = ResetMoment.OnAccept, IPEndPoint? address = null) : TcpUpstream(address)
{
    protected override async Task ServeAsync(Socket connection, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (moment == ResetMoment.OnFirstBytes)
            await connection.ReceiveAsync(new byte[64 * 1024], stop);
        // A linger time of zero makes the close a reset (socket(7)).
        connection.LingerState = new LingerOption(true, 0);
    }
}
