using System.Net;
using System.Net.Sockets;
using FastTcpProxy.Control.Connections;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Transport.Linux;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Control.Health.Probing;

/// <content>Connects to one address, until it accepts, refuses, or its time has passed.</content>
internal sealed partial class ProbeConnection
{
    /// <summary>Connects to one address.</summary>
    /// <param name="target">TCP, or the path of a UNIX socket.</param>
    /// <param name="left">How many addresses are still to be tried, this one included: it gets its share of the time that is left.</param>
    /// <param name="noDelay">Whether more than one packet is going to be sent.</param>
    /// <returns><see cref="SocketError.TimedOut"/> when its share is over; <see cref="End"/> tells about the whole.</returns>
    public async ValueTask<SocketError> ConnectAsync(EndPoint target, int left, bool noDelay)
    {
        for (int waitMs = 0; ;)
        {
            SocketError error = await TryConnectAsync(target, left, noDelay);
            if (ConnectFailures.Of(error, target).Next != NextStep.SameAgain) return error;
            waitMs = FullQueueRetry.NextMs(waitMs);
            if (!await RestAsync(TimeSpan.FromMilliseconds(waitMs))) return error;
        }
    }

    /// <summary>Rests, but not beyond the probe's time or its end. Returns whether there is time for another try.</summary>
    private async ValueTask<bool> RestAsync(TimeSpan rest)
    {
        TimeSpan left = TakeLeft();
        if (End == ProbeEnd.None && left > TimeSpan.Zero) await Task.Delay(rest < left ? rest : left, _time);
        if (End != ProbeEnd.None) return false;
        if (TakeLeft() > TimeSpan.Zero) return true;
        if (_limit >= _timeout) Abort(ProbeEnd.Timeout);
        return false;
    }

    private async ValueTask<SocketError> TryConnectAsync(EndPoint target, int left, bool noDelay)
    {
        Socket socket;
        try
        {
            bool tcp = target.AddressFamily != AddressFamily.Unix;
            socket = new Socket(target.AddressFamily, SocketType.Stream, tcp ? ProtocolType.Tcp : ProtocolType.Unspecified);
            if (!_endsInOrder) socket.LingerState = new LingerOption(true, 0);
            if (tcp && noDelay) socket.NoDelay = true;
        }
        catch (SocketException e)
        {
            // The framework has no name for it.
            return e.NativeErrorCode == Errno.Enomem ? SocketError.NoBufferSpaceAvailable : e.SocketErrorCode;
        }
        if (!TryTake(socket, left)) return SocketError.OperationAborted;
        int result = await _receiving.ConnectAsync(socket, target);
        bool isOpen = _socket is not null;
        if (result == SocketOperation.Failed || !isOpen)
        {
            Close();
            return isOpen ? _receiving.SocketError : SocketError.TimedOut;
        }
        if (IsConnectedToItself())
        {
            Close();
            return SocketError.ConnectionRefused;
        }
        if (left > 1) SetLimit(_timeout);
        return SocketError.Success;
    }

    private bool IsConnectedToItself() => Ends is { Local: IPEndPoint local, Remote: IPEndPoint remote }
        && SelfConnect.IsItself(InetEndPoint.FromIPEndPoint(local), InetEndPoint.FromIPEndPoint(remote));
}
