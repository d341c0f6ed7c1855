using System.Net.Sockets;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// One side's connection broke. The other side is reset too, but not before it has what the broken side had sent: bytes that were read are
/// delivered first, as they would have been without a proxy between. Meanwhile the survivor's own bytes are taken and dropped, so that it
/// comes to read. A survivor that takes nothing for <see cref="FlushStallMs"/> is reset with the rest unsent.
/// </content>
internal sealed partial class Session
{
    /// <summary>How often the survivor's progress is polled.</summary>
    private const int FlushPollMs = 100;

    /// <summary>How long a survivor may take nothing before it is reset nevertheless.</summary>
    private const int FlushStallMs = 2_000;

    /// <summary>How often the source of a blocked direction is polled: nothing is read from it, so nothing else would report its
    /// reset.</summary>
    internal const int BlockedPollMs = 1_000;

    /// <summary>How often a source is polled that was reported readable too often and was not.</summary>
    internal const int MisledPollMs = 100;

    private RelayDirection ToSurvivor => _brokenParty == EndParty.Client ? _fromClient : _fromUpstream;

    private StreamSocket Survivor => _brokenParty == EndParty.Client ? _upstream! : _client!;

    /// <summary>The party's connection broke, by this error.</summary>
    private StepResult OnBroken(EndParty party, SocketError error)
    {
        // The broken source has nothing more, or the survivor broke as well.
        if (_state == SessionState.Flushing) return party == _brokenParty ? ContinueFlush() : EndFlushed();
        if (party == EndParty.Upstream && MayReplaceUpstream(error)) return ReplaceUpstream();
        Become(SessionState.Flushing);
        _brokenParty = party;
        _failure = FailureTable.OfStream(error);
        _unacknowledgedBytes = NotCounted;
        ToSurvivor.OnSourceBroken();
        RelayDirection fromSurvivor = party == EndParty.Client ? _fromUpstream : _fromClient;
        fromSurvivor.Discard();
        StepResult pumped = Pump(ToSurvivor);
        if (!pumped.IsEnd) pumped = Pump(fromSurvivor);
        return pumped.IsEnd ? pumped : ContinueFlush();
    }

    private StepResult OnFlushTimer()
    {
        StepResult polled = PollMisled();
        return polled.IsEnd ? polled : ContinueFlush();
    }

    private StepResult ContinueFlush()
    {
        long unsent = Survivor.UnacknowledgedBytes();
        bool delivered = ToSurvivor.IsSourceDone && !ToSurvivor.IsBlocked && unsent == 0;
        if (unsent != _unacknowledgedBytes || HasSurvivorTaken())
        {
            _unacknowledgedBytes = unsent;
            _stallDueMs = _context.Loop.NowMs + FlushStallMs;
        }
        else if (IsStalled && TryPutOff(_stallDueMs, ToSurvivor.IsWaitOver))
        {
            _stallDueMs = _deadlinePutOffMs = _context.Loop.NowMs + GraceMs;
        }
        if (delivered || IsStalled) return EndFlushed();
        _context.Loop.Timers.Schedule(this, Math.Min(_context.Loop.NowMs + FlushPollMs, _stallDueMs));
        return StepResult.Stay;
    }

    /// <summary>As in <see cref="CheckUnacknowledged"/>: the send in flight may have filled the queue again.</summary>
    private bool HasSurvivorTaken()
    {
        if (!ToSurvivor.IsBlocked || !Survivor.TryGetSendState(out SendState state)) return false;
        ref UnansweredSend peer = ref _brokenParty == EndParty.Client ? ref _toUpstream : ref _toClient;
        peer.Poll(state, elapsedMs: 0);
        return peer.HasTaken;
    }

    /// <summary>By the last tick, as for every deadline: the clock itself is rounded up.</summary>
    private bool IsStalled => _context.Loop.CoarseNowMs >= _stallDueMs;

    private StepResult EndFlushed() => StepResult.End(_failure!.ToReason(_brokenParty, EndPhase.Relay), reset: true);

    private void SchedulePoll(int afterMs)
    {
        // A session that flushes is polled more often than this anyway.
        if (_state == SessionState.Relaying) _context.Loop.Timers.ScheduleBy(this, _context.Loop.CoarseNowMs + afterMs);
    }

    private StepResult PollBlockedSources()
    {
        if (ErrorBehind(_fromClient, _client!) is { } fromClient) return OnBroken(EndParty.Client, fromClient);
        if (ErrorBehind(_fromUpstream, _upstream!) is { } fromUpstream) return OnBroken(EndParty.Upstream, fromUpstream);
        SchedulePoll(BlockedPollMs);
        return StepResult.Stay;
    }

    /// <summary>The error by which the source broke while its bytes wait for the target, from its own wait or from a poll. Null: it did not
    /// break.</summary>
    private static SocketError? ErrorBehind(RelayDirection direction, StreamSocket source)
    {
        if (!direction.IsBlocked) return null;
        if (direction.IsSourceFailed) return direction.Error;
        return !direction.IsSourceDone && source.IsReset() ? SocketError.ConnectionReset : null;
    }
}
