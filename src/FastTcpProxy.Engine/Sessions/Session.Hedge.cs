using System.Net.Sockets;
using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// A second attempt beside one that is not answered. The older attempt is parked, and the list is walked on from there as ever; so at most
/// two are in flight, and their starts keep the order of the list. The first to be answered is taken, and of two that are answered the
/// elder. The other one is reset before a byte is sent, and its server has not accepted it: the last packet of its handshake was held.
/// </content>
internal sealed partial class Session
{
    /// <summary>Whether the last packet of the handshakes is held, so that an attempt that is given up stays unseen.</summary>
    private bool HoldsHandshake => _service!.WatchesConnects && _upstreamAddress!.UnixPath is null;

    private void EarnHedge(HedgePolicy hedge) =>
        _serviceState!.Hedges(_context.Loop.Index).Earn(hedge, _context.Loops, _context.Loop.CoarseNowMs);

    private HandshakeEnd HandshakeOf(UpstreamDefinition upstream)
    {
        if (HoldsHandshake) return HandshakeEnd.Held;
        return upstream.Mode == HeaderMode.Raw ? HandshakeEnd.AtOnce : HandshakeEnd.WithData;
    }

    /// <summary>The client is proxied, and what it had sent is on its way with the handshake's last packet.</summary>
    private void EndHandshake()
    {
        if (_fromClient.Bytes == 0 && !_fromClient.HasEnded && _mode == HeaderMode.Raw) _upstream!.Acknowledge();
        else if (!_upstreamAddress!.Acknowledgements.MayWait) _upstream!.Acknowledge();
    }

    /// <summary>When the attempt that has just begun is silent, and when the next one may be started.</summary>
    private void SetHedge(long startedMs)
    {
        HedgePolicy hedge = _service!.Hedge ?? HedgePolicy.Default;
        ref ConnectTime time = ref _upstreamAddress!.ConnectTimeOf(_context.Loop.Index);
        _attempt.SilentDueMs = startedMs + hedge.SilentMs(time);
        bool mayLeave = _service.Hedge is not null && _cursor.HasNext(_service.Upstreams);
        _hedgeDueMs = mayLeave ? startedMs + hedge.DelayMs(time) : long.MaxValue;
    }

    private long HedgeTimerMs
    {
        get
        {
            long dueMs = Math.Min(_hedgeDueMs, _attempt.SilentDueMs);
            return _elder is { Attempt: var elder } ? Math.Min(dueMs, Math.Min(elder.DeadlineMs, elder.SilentDueMs)) : dueMs;
        }
    }

    /// <summary>Whether an attempt in flight is decided, and its end only not delivered yet.</summary>
    private bool IsAnyDecided => (_upstream?.IsWritable() ?? false) || (_elder?.Stream!.IsWritable() ?? false);

    /// <summary>Takes note of silence. Returns whether there is room for the next attempt, which is to be started.</summary>
    private bool OnHedgeTimer(long nowMs)
    {
        if (nowMs >= _attempt.SilentDueMs) NoteSilence(ref _attempt, _upstreamAddress!, _upstream, nowMs);
        if (_elder is { } elder && nowMs >= elder.Attempt.SilentDueMs) NoteSilence(ref elder.Attempt, elder.Address!, elder.Stream, nowMs);
        if (nowMs < _hedgeDueMs) return false;
        bool isDecided = IsAnyDecided;
        if (!isDecided && MayHedge(nowMs) && MakeRoom()) return true;
        HedgePolicy hedge = _service!.Hedge!;
        _hedgeDueMs = nowMs + (isDecided ? TimerWheel.TickMs : hedge.DelayMs(_upstreamAddress!.ConnectTimeOf(_context.Loop.Index)));
        return false;
    }

    private void NoteSilence(ref ConnectAttempt attempt, UpstreamAddress address, StreamSocket? stream, long nowMs)
    {
        // The answer is there, and is only not delivered yet.
        if (stream is not null && stream.IsWritable()) attempt.SilentDueMs = nowMs + TimerWheel.TickMs;
        else _context.Evidence.OnSilent(_service!, UpstreamOf(attempt), address, ref attempt);
    }

    private bool MayHedge(long nowMs)
    {
        if (_upstream is null && !_cursor.MayPutOff) return false;
        if (_upstream is not null && _elder is { } elder)
        {
            if (!elder.Attempt.WasSilent || !_attempt.WasSilent || !HasTrustedNext()) return false;
        }
        else if (_upstream is not null && !_context.HasRoomForRival)
        {
            ServiceCounts.Hedges[(int)HedgeResult.NoRoom]++;
            return false;
        }
        // To leave an address that is known to be silent is no bet.
        if (_service!.Suspect is not null && _upstreamAddress!.Standing.Silence.IsLast) return true;
        if (_serviceState!.Hedges(_context.Loop.Index).TryTake(_service.Hedge!, _context.Loops, nowMs)) return true;
        ServiceCounts.Hedges[(int)HedgeResult.NoBudget]++;
        return false;
    }

    /// <summary>
    /// Makes room for the next attempt, so that two are in flight at most. Of two that are silent the elder gives way. What gives way comes
    /// back at the end of the list: it may have been one lost packet, and the others may fail.
    /// </summary>
    private bool MakeRoom()
    {
        if (_upstream is null)
        {
            ServiceCounts.Hedges[(int)HedgeResult.Promoted]++;
            LeaveFullQueue();
            return true;
        }
        if (_elder is { } elder)
        {
            _cursor.PutOff(elder.Attempt.Place);
            GiveUpElder(HedgeResult.Promoted);
        }
        return TryPark(isHedge: true);
    }

    /// <summary>Makes room for the next attempt beside this one, where there is a next one and room for it.</summary>
    private bool TryPark(bool isHedge)
    {
        if (_elder is not null || _upstream is null || !_context.HasRoomForRival || !_cursor.HasNext(_service!.Upstreams)) return false;
        _elder = _context.Park(_attempt, _upstream, _upstreamAddress!, isHedge);
        _upstream = null;
        _attempt.IsOpen = false;
        _hedgeDueMs = long.MaxValue;
        return true;
    }

    /// <summary>The elder attempt is the session's only one again.</summary>
    private void Unpark(HedgeResult result)
    {
        (_attempt, _upstream, _upstreamAddress) = (_elder!.Attempt, _elder.Stream, _elder.Address);
        LeaveElder(result);
    }

    private void LeaveElder(HedgeResult result)
    {
        ParkedAttempt elder = _elder!;
        _elder = null;
        if (elder.IsHedged) ServiceCounts.Hedges[(int)result]++;
        _context.Return(elder);
    }

    /// <summary>An attempt is connected. If an elder one is decided as well, that is waited for: it may be connected too.</summary>
    private StepResult OnFirstConnected()
    {
        if (_elder is not { } elder) return OnUpstreamConnected();
        if (!elder.Stream!.IsWritable()) return SupersedeElder();
        _awaitsElder = true;
        _context.Loop.Timers.Schedule(this, _context.Loop.NowMs + GraceMs);
        return StepResult.Stay;
    }

    private StepResult SupersedeElder()
    {
        _awaitsElder = false;
        GiveUpElder(HedgeResult.Won);
        return OnUpstreamConnected();
    }

    /// <summary>The elder attempt is watched by an observer from now on, or reset.</summary>
    private void GiveUpElder(HedgeResult result)
    {
        ParkedAttempt elder = _elder!;
        bool isObserved = _context.Observers.TryBegin(_service!, UpstreamOf(elder.Attempt), elder);
        if (isObserved) elder.Attempt.Probe = 0;
        Record(ref elder.Attempt, elder.Address, FailureTable.Superseded);
        StreamSocket stream = elder.Stream!;
        LeaveElder(result);
        if (!isObserved) ResetAttempt(stream);
    }

    private StepResult OnElderCompleted(SocketError error)
    {
        if (error != SocketError.Success)
        {
            FailElder(FailureOf(error, _elder!.Address!));
            if (!_awaitsElder) return NextBeside();
            _awaitsElder = false;
            return OnUpstreamConnected();
        }
        _awaitsElder = false;
        if (_attempt.IsOpen) FailAttempt(FailureTable.Superseded);
        Unpark(HedgeResult.Lost);
        return OnUpstreamConnected();
    }

    /// <summary>The timer of a session with two attempts: of the elder one. Null: it has nothing to do.</summary>
    private StepResult? OnElderTimer(long nowMs)
    {
        if (_awaitsElder) return SupersedeElder();
        long deadlineMs = _elder!.Attempt.DeadlineMs;
        if (nowMs < deadlineMs) return null;
        if (TryPutOff(deadlineMs, _elder.Stream!.IsWritable())) return StepResult.Stay;
        FailElder(FailureTable.TimedOut);
        return nowMs >= TotalDeadlineMs ? null : NextBeside();
    }

    /// <summary>The elder attempt has failed: the next address takes its place beside the one in flight.</summary>
    private StepResult NextBeside()
    {
        // The whole time may be over, and only this answer was still waited for.
        if (_context.Loop.NowMs < TotalDeadlineMs && TryPark(isHedge: false)) return TryNext();
        ScheduleConnectTimer();
        return StepResult.Stay;
    }

    private void FailElder(Failure failure) => DropElder(failure, HedgeResult.Promoted);

    private void AbandonElder()
    {
        if (_elder is not null) DropElder(FailureTable.Abandoned, HedgeResult.Abandoned);
    }

    private void DropElder(Failure failure, HedgeResult result)
    {
        ParkedAttempt elder = _elder!;
        StreamSocket stream = elder.Stream!;
        Record(ref elder.Attempt, elder.Address, failure);
        LeaveElder(result);
        ResetAttempt(stream);
    }
}
