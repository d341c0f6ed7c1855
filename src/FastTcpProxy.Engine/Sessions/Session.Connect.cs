using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// Connecting, down the list. Nothing is read from the client meanwhile and no buffer is held; what it has sent waits in the kernel, so it
/// can neither be lost nor reach two upstreams. A client that leaves is still noticed, by a poll now and then. A wait for it would cost
/// more than all the polls of an attempt, and much more memory.
/// </content>
internal sealed partial class Session
{
    /// <summary>
    /// A connect that takes longer than this is slow enough to watch the client meanwhile; most are done before, without that cost.
    /// </summary>
    private const int ClientWatchDelayMs = 100;

    /// <summary>How often a client is polled after that: its session outlives it by this time at most.</summary>
    private const int ClientPollMs = 500;

    /// <summary>
    /// How often a client is read from before it is closed cleanly: a receive stops at a mark of urgent data, and at the size of its
    /// buffer. One that has sent more is reset by the kernel, like one that continues to send.
    /// </summary>
    private const int LastReceivesMax = 16;

    private StepResult BeginConnect((InetEndPoint Source, InetEndPoint Destination)? forwarded)
    {
        Become(SessionState.Connecting);
        _connectStartedUs = _startedUs + _headerUs;
        _connectStartedMs = _context.Loop.ToMs(_connectStartedUs);
        _clientPollDueMs = _connectStartedMs + ClientWatchDelayMs;
        _hedgeDueMs = long.MaxValue;
        if (_service!.Hedge is { } hedge) EarnHedge(hedge);
        if (forwarded is { } ends)
        {
            _forwarded = _context.ForwardedEnds.Get();
            (_forwarded.Source, _forwarded.Destination) = ends;
        }
        if (_headerUs > 0) TellHeaderRead();
        return TryNext();
    }

    /// <summary>Goes down the list until an attempt is in flight, has succeeded, or the list is at its end. Never recursive.</summary>
    private StepResult TryNext()
    {
        ImmutableArray<UpstreamDefinition> upstreams = _service!.Upstreams;
        while (_cursor.MoveNext(upstreams, out UpstreamAddress? address))
        {
            long probe = 0;
            if (_service.PutsOff && address is not null && _cursor.MayPutOff && IsTriedLast(address, out probe))
            {
                _cursor.PutOff(_cursor.Place);
                continue;
            }
            BeginAttempt(probe);
            if (address is null)
            {
                RecordAttempt(FailureTable.Unresolved);
                continue;
            }
            switch (StartAttempt(address))
            {
                case IoStatus.Pending:
                    SetDeadlines();
                    if (probe != 0 && TryPark(isHedge: true)) continue;
                    ScheduleConnectTimer();
                    return StepResult.Stay;
                case IoStatus.Done:
                    return OnFirstConnected();
            }
            if (probe == 0 && RetryLater(beforeMs: 0)) return StepResult.Stay;
            if (probe != 0 && ConnectFailure.Next == NextStep.SameAgain) LeaveFullQueue();
            else if (!FailAttempt(ConnectFailure)) break;
        }
        return OnListEnded();
    }

    private IoStatus StartAttempt(UpstreamAddress address)
    {
        _upstreamAddress = address;
        ImmutableArray<InetEndPoint> sources = _service!.SourceAddresses;
        if (sources.IsEmpty || address.UnixPath is not null) return StartFrom(address, default);
        uint first = _serviceState!.NextSource(_context.Loop.Index);
        IoStatus status = IoStatus.Failed;
        bool tried = false;
        for (uint turn = 0; turn < sources.Length; turn++)
        {
            InetEndPoint source = sources[(int)((first + turn) % (uint)sources.Length)];
            if (source.Family != address.Inet.Family) continue;
            if (tried) CloseUpstream(reset: true);
            tried = true;
            status = StartFrom(address, source);
            // Only an address without a free port is skipped: any other failure would be the same from every address.
            if (status != IoStatus.Failed || ConnectFailure.Next != NextStep.NextSource) return status;
        }
        return tried ? status : StartFrom(address, default);
    }

    private IoStatus StartFrom(UpstreamAddress address, InetEndPoint source)
    {
        HandshakeEnd handshake = HandshakeOf(UpstreamOf(_attempt));
        if (_steps is not null) TellAttempting(address, source);
        _upstream = _context.Transport.Rent();
        IoStatus status = _upstream.Connect(this, address, source, handshake);
        // Not for a second attempt: the reserve is for clients that have none.
        if (status == IoStatus.Failed && _elder is null && ConnectFailure.Kind == FailureKind.NoDescriptor)
        {
            // An accepted client must be served: the reserve is for it, and listeners stop until the reserve is back.
            _context.DescriptorsExhausted = true;
            if (!_context.Transport.ReleaseSpare()) return status;
            CloseUpstream(reset: true);
            _upstream = _context.Transport.Rent();
            status = _upstream.Connect(this, address, source, handshake);
        }
        return status;
    }

    private void SetDeadlines()
    {
        _attempt.DeadlineMs = _attempt.StartedMs + (long)_service!.ConnectTimeout.TotalMilliseconds;
        if (_service.WatchesConnects) SetHedge(_attempt.StartedMs);
    }

    private void ScheduleConnectTimer()
    {
        long dueMs = Math.Min(_clientPollDueMs, ConnectDeadlineMs);
        if (_service!.WatchesConnects) dueMs = Math.Min(dueMs, HedgeTimerMs);
        _context.Loop.Timers.Schedule(this, _retryDueMs == 0 ? dueMs : Math.Min(dueMs, _retryDueMs));
    }

    private long ConnectDeadlineMs => Math.Min(_attempt.DeadlineMs, TotalDeadlineMs);

    private long TotalDeadlineMs => _service!.TotalConnectTimeout is { } total
        ? _connectStartedMs + (long)total.TotalMilliseconds
        : long.MaxValue;

    private StepResult OnConnectTimer()
    {
        // By the tick at which the timer fired, like all deadlines: the clock itself is rounded up.
        long nowMs = _context.Loop.CoarseNowMs;
        if (_elder is not null && OnElderTimer(nowMs) is { } step) return step;
        if (nowMs >= ConnectDeadlineMs && TryPutOff(ConnectDeadlineMs, IsAnyDecided)) return StepResult.Stay;
        if (nowMs >= TotalDeadlineMs)
        {
            FailAttempt(FailureTable.TimedOut);
            if (_elder is not null) FailElder(FailureTable.TimedOut);
            return FailAll();
        }
        if (nowMs >= _attempt.DeadlineMs)
        {
            FailAttempt(FailureTable.TimedOut);
            return TryNext();
        }
        if (nowMs >= _clientPollDueMs)
        {
            if (_client!.IsReset()) return EndGone(EndCause.Reset);
            if (IsToBeAborted()) return EndGone(EndCause.Closed);
            _clientPollDueMs = nowMs + ClientPollMs;
        }
        if (_retryDueMs != 0 && nowMs >= _retryDueMs) return Retry();
        if (_service!.WatchesConnects && OnHedgeTimer(nowMs)) return TryNext();
        ScheduleConnectTimer();
        return StepResult.Stay;
    }

    /// <summary>Whether the client has ended its direction and the service does not serve such clients.</summary>
    private bool IsToBeAborted() => _service!.AbortOnClose && _client!.IsEnded();

    private static StepResult EndGone(EndCause cause) => StepResult.EndByReset(EndParty.Client, EndPhase.Connect, cause);

    private StepResult OnAttemptCompleted(SocketError error)
    {
        if (error == SocketError.Success) return OnFirstConnected();
        bool isWorthIt = FailAttempt(FailureOf(error, _upstreamAddress!));
        // The whole time was over before; only this answer was still waited for.
        return !isWorthIt || (IsPutOff(ConnectDeadlineMs) && _context.Loop.NowMs >= TotalDeadlineMs) ? OnListEnded() : TryNext();
    }

    private static Failure FailureOf(SocketError error, UpstreamAddress address) =>
        FailureTable.OfConnect(error, address.UnixPath is not null);

    /// <summary>Of the attempt that could not be begun.</summary>
    private Failure ConnectFailure => FailureOf(_upstream!.LastError, _upstreamAddress!);

    /// <summary>The attempt has ended. Returns whether to make the next one.</summary>
    private bool FailAttempt(Failure failure)
    {
        RecordAttempt(failure);
        StreamSocket? stream = _upstream;
        _upstream = null;
        ResetAttempt(stream);
        return failure.Next != NextStep.Stop;
    }

    /// <summary>Resets the stream of an attempt that is over, whether that fails or not: the session continues.</summary>
    private void ResetAttempt(StreamSocket? stream)
    {
        try
        {
            stream?.Close(reset: true);
        }
        catch (Exception fault)
        {
            _context.Loop.Metrics.CountFault(fault);
        }
    }

    /// <summary>There is no other address to try. An attempt that is still in flight is waited for.</summary>
    private StepResult OnListEnded()
    {
        if (_elder is null) return FailAll();
        Unpark(HedgeResult.Failed);
        _hedgeDueMs = long.MaxValue;
        ScheduleConnectTimer();
        return StepResult.Stay;
    }

    private StepResult FailAll()
    {
        _connectUs = _context.Loop.NowUs - _connectStartedUs;
        bool reset = _service!.OnAllFailed == AllFailedAction.Reset;
        if (!reset) CloseClientCleanly();
        EndReason reason = _failure?.ToReason(EndParty.Upstream, EndPhase.Connect) ?? new EndReason(EndParty.Proxy, EndPhase.Connect,
            EndCause.NoUpstream);
        return StepResult.End(reason, reset);
    }

    /// <summary>
    /// Ends our side and takes what the client has sent so far: closing with unread bytes would send a reset.
    /// </summary>
    private void CloseClientCleanly()
    {
        _client!.ShutdownSend();
        Span<byte> room = _context.Loop.Buffers.ReceiveBuffer.Span;
        for (int i = 0; i < LastReceivesMax; i++)
        {
            if (_client.Receive(room) is not { IsSuccess: true, Bytes: > 0 }) return;
        }
    }

    private void RecordAttempt(Failure failure)
    {
        Debug.Assert(_state == SessionState.Connecting, "an attempt outside of connecting");
        _retryDueMs = 0;
        Record(ref _attempt, _upstreamAddress, failure);
    }

    private void Record(ref ConnectAttempt attempt, UpstreamAddress? address, Failure failure)
    {
        attempt.IsOpen = false;
        _failure = failure.After(_failure);
        long took = Math.Min(_context.Loop.NowUs - attempt.StartedUs, uint.MaxValue);
        UpstreamDefinition upstream = UpstreamOf(attempt);
        CountAttempt(upstream.Activity, failure.Outcome, took);
        if (!failure.IsOwnLack) upstream.Activity.Note(_context.Loop.Index, failure.Outcome, _context.Loop.CoarseUtcMs, took / 1000);
        if (_service!.WatchesConnects && address is not null)
            _context.Evidence.OnEnd(_service, upstream, address, ref attempt, failure, took);
        if (_steps is not null) TellAttempted(attempt.Place, address, failure.Outcome, took);
        AddAttempt(new Attempt((ushort)attempt.Place.Upstream, (byte)attempt.Place.Address, failure.Outcome, (uint)took));
    }

    private void AddAttempt(Attempt attempt)
    {
        if (_attemptCount++ == 0)
        {
            _firstAttempt = attempt;
            return;
        }
        if (_attemptLog is null)
        {
            _attemptLog = _context.AttemptLogs.Get();
            _attemptLog.List.Add(_firstAttempt);
        }
        _attemptLog.List.Add(attempt);
    }

    private AttemptList Attempts()
    {
        if (_attemptLog is not null) return _attemptLog.List;
        AttemptList list = default;
        if (_attemptCount > 0) list.Add(_firstAttempt);
        return list;
    }

    private void CloseUpstream(bool reset)
    {
        if (_upstream is not { } stream) return;
        _upstream = null;
        stream.Close(reset);
    }
}
