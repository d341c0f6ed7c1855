using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// Watches one attempt that its session has given up, until it is answered or its time is over, and resets it then. Belongs to one loop;
/// it owns the stream.
/// </summary>
internal sealed class ConnectObserver(LoopContext context) : TimerNode, IStreamOwner, IResettable
{
    private ServiceDefinition? _service;
    private UpstreamDefinition? _upstream;
    private UpstreamAddress? _address;
    private StreamSocket? _stream;
    private ConnectAttempt _attempt;
    private bool _hasClaim;
    private bool _isPutOff;

    /// <summary>Takes over an attempt in flight.</summary>
    /// <param name="service">The session's.</param>
    /// <param name="upstream">Whose address it is.</param>
    /// <param name="parked">The attempt.</param>
    /// <param name="hasClaim">Whether it is one of its address's.</param>
    public void Begin(ServiceDefinition service, UpstreamDefinition upstream, ParkedAttempt parked, bool hasClaim)
    {
        (_service, _upstream, _address, _stream) = (service, upstream, parked.Address, parked.Stream);
        (_attempt, _hasClaim, _isPutOff) = (parked.Attempt, hasClaim, false);
        _stream!.Adopt(this);
        Schedule();
    }

    public override void OnTimer()
    {
        long nowMs = context.Loop.CoarseNowMs;
        if (nowMs >= _attempt.DeadlineMs)
        {
            // The answer is there, and is only not delivered yet, as after a pause of the process: it is waited for, once.
            if (_isPutOff || !_stream!.IsWritable())
            {
                Finish(FailureTable.TimedOut);
                return;
            }
            _isPutOff = true;
            _attempt.DeadlineMs = nowMs + Session.GraceMs;
            Schedule();
            return;
        }
        if (_stream!.IsWritable()) _attempt.SilentDueMs = nowMs + TimerWheel.TickMs;
        else context.Evidence.OnSilent(_service!, _upstream!, _address!, ref _attempt);
        Schedule();
    }

    public void OnConnected(StreamSocket stream, SocketError error) =>
        Finish(FailureTable.OfConnect(error, _address!.UnixPath is not null));

    /// <summary>Whatever is known by now is all.</summary>
    public void End() => Finish(FailureTable.Abandoned);

    public void OnReadable(StreamSocket stream, SocketError error)
    {
    }

    public void OnSent(StreamSocket stream, SocketError error)
    {
    }

    public void OnStreamFault(StreamSocket stream, Exception fault) => Close();

    public override void OnFault(Exception fault) => Close();

    public bool TryReset()
    {
        (_service, _upstream, _address, _stream) = (null, null, null, null);
        return true;
    }

    private void Schedule() => context.Loop.Timers.Schedule(this, Math.Min(_attempt.DeadlineMs, _attempt.SilentDueMs));

    private void Finish(Failure failure)
    {
        context.Evidence.OnEnd(_service!, _upstream!, _address!, ref _attempt, failure, context.Loop.NowUs - _attempt.StartedUs);
        Close();
    }

    private void Close()
    {
        if (_stream is not { } stream) return;
        _stream = null;
        context.Loop.Timers.Cancel(this);
        if (_hasClaim) _address!.EndObservation();
        context.Observers.Return(this);
        stream.Close(reset: true);
    }
}
