using System.Diagnostics;
using System.Net.Sockets;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Sessions;

/// <content>Relaying: the header, both directions, and the timeouts of a session that becomes silent.</content>
internal sealed partial class Session
{
    /// <summary>
    /// Keep-alive and the polls for unacknowledged data begin when a session has lasted this long: they notice a peer that has vanished,
    /// which takes a minute at least, and most sessions close before five system calls for it would have paid off.
    /// </summary>
    private const int KeepAliveDelayMs = 10_000;

    /// <summary>Values of <see cref="_unacknowledgedBytes"/>: before the first poll, and when any number of the next poll counts as a
    /// change.</summary>
    private const long NotPolled = -1, NotCounted = long.MaxValue;

    private const int UniqueIdTlvLengthMax = Tlv.HeaderLength + SessionIds.LengthMax;

    private const int HeaderLengthMax = ProxyHeaderEncoder.MaxV2Length;

    /// <summary>
    /// A header without passed TLVs: version 1 has 107 bytes at most, version 2 with IPv6 addresses, a UNIQUE_ID and a checksum 94.
    /// </summary>
    private const int BareHeaderLengthMax = ProxyHeaderEncoder.MaxV1Length;

    /// <summary>Writes our header to the front of the receive buffer, so that it leaves with the first bytes.</summary>
    private int WriteHeader(int window)
    {
        Span<byte> room = _buffers!.ReceiveBuffer.Span[..window];
        InetEndPoint source = _forwarded?.Source ?? _peer;
        InetEndPoint destination = _forwarded?.Destination ?? OwnDestination();
        int written;
        if (_mode == HeaderMode.ProxyV1)
        {
            ProxyHeaderEncoder.TryWriteV1(room, source, destination, out written);
        }
        else
        {
            written = WriteV2(room[..Math.Min(room.Length, HeaderLengthMax)], source, destination);
        }
        ReturnTlvChunk();
        if (_steps is not null) TellHeaderSent(written);
        return written;
    }

    private int WriteV2(Span<byte> room, InetEndPoint source, InetEndPoint destination)
    {
        scoped ReadOnlySpan<byte> tlvs = _tlvChunk is null ? default : _tlvChunk.Span[.._tlvBytes];
        TlvWriter own = new(stackalloc byte[UniqueIdTlvLengthMax]);
        if (tlvs.IsEmpty && _service!.SendUniqueId)
        {
            AddUniqueId(ref own);
            tlvs = own.Bytes;
        }
        bool fits = _service!.AcceptProxy is { AddCrc32C: true }
            ? ProxyHeaderEncoder.TryWriteV2WithCrc32C(room, source, destination, tlvs, out int written)
            : ProxyHeaderEncoder.TryWriteV2(room, source, destination, tlvs, out written);
        // What would not fit has ended the session before it connected (EndCause.HeaderTooLong).
        Debug.Assert(fits, "the header does not fit");
        return written;
    }

    /// <summary>Adds the session's id.</summary>
    /// <returns>False when it does not fit.</returns>
    private bool AddUniqueId(ref TlvWriter writer)
    {
        Span<byte> id = stackalloc byte[SessionIds.LengthMax];
        return writer.TryAdd(TlvType.UniqueId, id[.._context.Ids.Write(Id, id)]);
    }

    /// <summary>The address that the client connected to, as far as this connection knows it.</summary>
    private InetEndPoint OwnDestination() => _listener!.Address.IsWildcard ? _client!.GetLocalEndPoint() : _listener.LocalEndPoint;

    private StepResult OnUpstreamConnected()
    {
        // Here too, so that the time of the connect does not matter.
        if (IsToBeAborted()) return EndGone(_client!.IsReset() ? EndCause.Reset : EndCause.Closed);
        RecordAttempt(FailureTable.None);
        long proxiedUs = _context.Loop.NowUs;
        _connectUs = proxiedUs - _connectStartedUs;
        Become(SessionState.Relaying);
        if (_ticket.Connecting is not null) _ticket.LeaveConnecting(_context.Loop.Index);
        UpstreamDefinition upstream = UpstreamOf(_attempt);
        CountProxied(upstream.Activity, proxiedUs);
        _mode = upstream.Mode;
        _answerWatch = _upstreamAddress!.Acknowledgements.MayWait ? AnswerWatch.Awaited : AnswerWatch.Off;
        _lastActivityMs = _context.Loop.ToMs(proxiedUs);
        _context.Loop.Timers.Schedule(this, _lastActivityMs + FirstCheckMs);
        bool headerFirst = _mode != HeaderMode.Raw;
        if (_fromClient.IsOpen) _fromClient.Redirect(_upstream!, headerFirst);
        else _fromClient.Open(_client!, _upstream!, _buffers!, _context.Transport.Pipes, this, headerFirst: headerFirst);
        _fromUpstream.Open(_upstream!, _client!, _buffers!, _context.Transport.Pipes, this, waitsFirst: true);
        StepResult pumped = PumpBoth();
        // The upstream may have reset the connection meanwhile, and be replaced.
        if (!pumped.IsEnd && HoldsHandshake && HasTwoEnds) EndHandshake();
        return pumped;
    }

    private void WatchAnswer(RelayDirection direction)
    {
        bool isAnswer = ReferenceEquals(direction, _fromUpstream);
        if (_answerWatch == AnswerWatch.Awaited)
        {
            if (!isAnswer) return;
            _answerWatch = AnswerWatch.Begun;
            _answerUs = _context.Loop.NowUs;
            return;
        }
        _answerWatch = AnswerWatch.Off;
        if (isAnswer) _upstreamAddress!.Acknowledgements.OnGap((_context.Loop.NowUs - _answerUs) / 1000);
    }

    private StepResult PumpBoth()
    {
        StepResult pumped = Pump(_fromClient);
        return pumped.IsEnd ? pumped : Pump(_fromUpstream);
    }

    private StepResult Pump(RelayDirection direction)
    {
        bool isFlushing = _state == SessionState.Flushing;
        if (_unacknowledgedBytes == 0 && !isFlushing) PollForAnswers();
        bool fromClient = ReferenceEquals(direction, _fromClient);
        bool closeFollows = !isFlushing && (fromClient ? _fromUpstream : _fromClient).HasEnded;
        PumpResult result = direction.OwesHeader ? PumpBehindHeader(direction, closeFollows) : direction.Pump(closeFollows: closeFollows);
        CountBytes(direction, fromClient);
        if (_steps is not null) TellMove(direction, fromClient);
        // Read from the clock: the loop's own time is as old as its last tick, which a busy machine delays, and a session would end early.
        // A poll that found nothing is no activity, however often it is repeated.
        if (direction.TakeProgress() && !direction.IsDiscarding) _lastActivityMs = _context.Loop.NowMs;
        switch (result)
        {
            case PumpResult.Waiting when direction.IsBlocked:
                SchedulePoll(BlockedPollMs);
                break;
            case PumpResult.BudgetSpent:
                Yield();
                break;
            case PumpResult.Starved:
                Starve();
                break;
            case PumpResult.Misled:
                SchedulePoll(MisledPollMs);
                break;
            case PumpResult.Ended:
                return OnDirectionEnded(fromClient);
            case PumpResult.SourceFailed:
                return OnBroken(fromClient ? EndParty.Client : EndParty.Upstream, direction.Error);
            case PumpResult.TargetFailed:
                return OnBroken(fromClient ? EndParty.Upstream : EndParty.Client, direction.Error);
        }
        return StepResult.Stay;
    }

    private PumpResult PumpBehindHeader(RelayDirection direction, bool closeFollows)
    {
        int window = _buffers!.WindowFor(BareHeaderLengthMax + _tlvBytes + 1);
        return window == 0 ? PumpResult.Starved : direction.Pump(WriteHeader(window), window, closeFollows);
    }

    private void Yield()
    {
        if (_yielding) return;
        _yielding = true;
        _context.Loop.Defer(this);
    }

    private void Starve()
    {
        if (_bufferWait is { List: not null }) return;
        _bufferWait ??= new LinkedListNode<IBufferHolder>(this);
        _context.Loop.Metrics.Counts.BufferWaits++;
        _buffers!.Wait(_bufferWait);
    }

    private StepResult OnDirectionEnded(bool fromClient)
    {
        if (_state == SessionState.Flushing) return ContinueFlush();
        RelayDirection other = fromClient ? _fromUpstream : _fromClient;
        if (other.HasEnded) return StepResult.End(new EndReason(_endedFirst, EndPhase.Relay, EndCause.Ended), reset: false);
        _endedFirst = fromClient ? EndParty.Client : EndParty.Upstream;
        _context.Loop.Timers.ScheduleBy(this, _lastActivityMs + FirstCheckMs);
        return StepResult.Stay;
    }

    /// <summary>Before the limit, so that there is a poll to compare with when it is reached.</summary>
    private long FirstCheckMs => Math.Min(KeepAliveDelayMs, Math.Max(IdleLimitMs / 2, 1));

    private long IdleLimitMs =>
        (long)(_fromClient.HasEnded || _fromUpstream.HasEnded ? _service!.HalfCloseTimeout : _service!.IdleTimeout).TotalMilliseconds;

    /// <summary>
    /// A peer that takes what was sent to it long ago is not silent, though it sends nothing: a slow reader may need minutes for what the
    /// kernel holds for it. So a queue that is not empty, and has changed since the last poll, counts as activity. So do acknowledged
    /// bytes: a send in flight fills the queue again, and each poll may find the same number. UNIX sockets tell the queue alone.
    /// </summary>
    private void CheckUnacknowledged(long unsent)
    {
        bool hasTaken = _toClient.HasTaken || _toUpstream.HasTaken || (unsent > 0 && unsent != _unacknowledgedBytes);
        // The first poll has nothing to compare with. But while a send is in flight it comes soon, and the send has moved since.
        bool canTell = _unacknowledgedBytes != NotPolled || _fromClient.IsBlocked || _fromUpstream.IsBlocked;
        if (canTell && hasTaken) _lastActivityMs = _context.Loop.NowMs;
        _unacknowledgedBytes = unsent;
    }

    /// <summary>
    /// One timer serves all: activity only notes the time, and the timer checks how long ago that was.
    /// </summary>
    private StepResult OnRelayTimer()
    {
        StepResult polled = PollMisled();
        // After a side has broken, the session has another timer.
        if (polled.IsEnd || _state != SessionState.Relaying) return polled;
        if (_unacknowledgedBytes == NotPolled)
        {
            _client!.EnableKeepAlive(_service!.KeepAlive);
            _upstream!.EnableKeepAlive(_service.KeepAlive);
            _answersCheckedMs = _context.Loop.CoarseNowMs;
        }
        long limitMs = IdleLimitMs;
        long toClient = _client!.UnacknowledgedBytes();
        long toUpstream = _upstream!.UnacknowledgedBytes();
        EndParty? unanswered = FindUnanswered(toClient, toUpstream);
        CheckUnacknowledged(toClient + toUpstream);
        if (_context.Loop.CoarseNowMs - _lastActivityMs >= limitMs)
        {
            if (TryPutOff(_lastActivityMs + limitMs, _yielding || _fromClient.IsWaitOver || _fromUpstream.IsWaitOver))
                return StepResult.Stay;
            EndCause cause = _fromClient.HasEnded || _fromUpstream.HasEnded ? EndCause.HalfClosed : EndCause.Idle;
            return StepResult.EndByReset(EndParty.Proxy, EndPhase.Relay, cause);
        }
        if (unanswered is { } vanished) return OnBroken(vanished, SocketError.TimedOut);
        _context.Loop.Timers.Schedule(this, _lastActivityMs + limitMs);
        if (_unacknowledgedBytes > 0) SchedulePoll(AnswerCheckMs);
        if (_fromClient.IsMisled || _fromUpstream.IsMisled) SchedulePoll(MisledPollMs);
        return _fromClient.IsBlocked || _fromUpstream.IsBlocked ? PollBlockedSources() : StepResult.Stay;
    }

    private StepResult PollMisled()
    {
        StepResult polled = PollMisled(_fromClient);
        return polled.IsEnd ? polled : PollMisled(_fromUpstream);
    }

    private StepResult PollMisled(RelayDirection direction)
    {
        if (!direction.IsMisled) return StepResult.Stay;
        direction.PollAgain();
        return Pump(direction);
    }
}
