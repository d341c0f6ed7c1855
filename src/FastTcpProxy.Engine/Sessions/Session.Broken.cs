using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// One side's connection broke. The other side is reset too, but not before it has what the broken side had sent: bytes that were read are
/// delivered first, as they would have been without a proxy between. Meanwhile the survivor's own bytes are taken and dropped, so that it comes
/// to read. A survivor that takes nothing for <see cref="FlushStallMs"/> is reset with the rest unsent.
/// </content>
internal sealed partial class Session
{
    /// <summary>How often the survivor's progress is looked at.</summary>
    private const int FlushLookMs = 100;

    /// <summary>How long a survivor may take nothing before it is reset all the same.</summary>
    private const int FlushStallMs = 2_000;

    /// <summary>How often the source of a blocked direction is looked at: nothing is read from it, so nothing else would tell of its reset.</summary>
    internal const int BlockedLookMs = 1_000;

    /// <summary>How often a source is looked at that was said to be readable too often and was not: what it costs then, and what it may cost in time.</summary>
    internal const int MisledLookMs = 100;

    private bool _isBroken;
    private bool _looksAfterBlocked;
    private EndParty _brokenParty;
    private long _unsentBytes;
    private long _stallDueMs;

    private RelayDirection ToSurvivor => _brokenParty == EndParty.Client ? _fromClient : _fromUpstream;

    private StreamSocket Survivor => _brokenParty == EndParty.Client ? _upstream! : _client!;

    private void EndBroken(EndParty party)
    {
        if (_isBroken)
        {
            // The broken source has nothing more, or the survivor broke as well.
            if (party == _brokenParty) ContinueFlush();
            else EndFlushed();
            return;
        }
        _isBroken = true;
        _brokenParty = party;
        _unsentBytes = long.MaxValue;
        ToSurvivor.OnSourceBroken();
        RelayDirection fromSurvivor = party == EndParty.Client ? _fromUpstream : _fromClient;
        fromSurvivor.Discard();
        Pump(ToSurvivor);
        if (_isBroken) Pump(fromSurvivor);
        if (_isBroken) ContinueFlush();
    }

    private void ContinueFlush()
    {
        long unsent = Survivor.UnsentBytes();
        bool delivered = ToSurvivor.IsSourceDone && !ToSurvivor.IsBlocked && unsent == 0;
        if (unsent != _unsentBytes)
        {
            _unsentBytes = unsent;
            _stallDueMs = _context.Loop.NowMs + FlushStallMs;
            _hasGrace = false;
        }
        else if (IsStalled && TryGrace(ToSurvivor.IsWaitOver))
        {
            _stallDueMs = _context.Loop.NowMs + GraceMs;
        }
        if (delivered || IsStalled) EndFlushed();
        else _context.Loop.Timers.Schedule(this, Math.Min(_context.Loop.NowMs + FlushLookMs, _stallDueMs));
    }

    /// <summary>By the last tick, as for every deadline: the clock itself is rounded up.</summary>
    private bool IsStalled => _context.Loop.CoarseNowMs >= _stallDueMs;

    private void EndFlushed() => End(new EndReason(_brokenParty, EndPhase.Relay, EndCause.Reset), reset: true);

    /// <summary>A direction has begun to wait for its target: from now on its source is looked at.</summary>
    private void LookAfterBlocked()
    {
        if (_looksAfterBlocked || _isBroken) return;
        _looksAfterBlocked = true;
        ScheduleLook();
    }

    /// <summary>The one timer serves the idle limit too, which must not wait for the look.</summary>
    private void ScheduleLook()
    {
        int afterMs = _fromClient.IsMisled || _fromUpstream.IsMisled ? MisledLookMs : BlockedLookMs;
        _context.Loop.Timers.Schedule(this, Math.Min(_context.Loop.CoarseNowMs + afterMs, NextLookMs(IdleLimitMs)));
    }

    private void LookAtBlockedSources()
    {
        if (IsBrokenBehind(_fromClient, _client!)) EndBroken(EndParty.Client);
        else if (IsBrokenBehind(_fromUpstream, _upstream!)) EndBroken(EndParty.Upstream);
        else LookAfterBlocked();
    }

    /// <summary>Whether the source broke while its bytes wait for the target: as its own wait has told, or as a look at it tells.</summary>
    private static bool IsBrokenBehind(RelayDirection direction, StreamSocket source) =>
        direction.IsBlocked && (direction.IsSourceFailed || (!direction.IsSourceDone && source.IsReset()));
}
