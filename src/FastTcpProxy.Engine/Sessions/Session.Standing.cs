using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// Which addresses this session tries last, and what its end says of the one that it had. Only for services that ask for it.
/// </content>
internal sealed partial class Session
{
    /// <summary>Whether the address has its turn behind all others.</summary>
    /// <param name="address">One whose turn it would be.</param>
    /// <param name="probe">The probe, if this client tries a suspect server first, and the next one at the same time; else 0.</param>
    private bool IsTriedLast(UpstreamAddress address, out long probe)
    {
        probe = 0;
        AddressStanding standing = address.Standing;
        if (standing.IsClear) return false;
        long nowMs = _context.Loop.CoarseSharedMs;
        if (_service!.Suspect is not null && standing.Silence.IsLast)
        {
            long giveUpMs = nowMs + (long)_service.ConnectTimeout.TotalMilliseconds + GraceMs;
            // Without an observer no one would hear of it, and the next client would be another probe.
            bool mayProbe = _elder is null && _context.HasRoomForRival && _context.Observers.HasRoom;
            if (!mayProbe || !standing.TryProbe(nowMs, giveUpMs)) return true;
            probe = giveUpMs;
            _context.Loop.Metrics.Upstream(_service.Upstreams[_cursor.Place.Upstream].Activity.Number).Probes++;
            return false;
        }
        if (_service.Passive is not null) standing.ReleaseResets(nowMs);
        long share = _service.ShareOf(standing, nowMs);
        return IsBeyond(share) && IsMoreElsewhere(share, nowMs);
    }

    /// <summary>
    /// Whether another address has a greater share. The clients that are left go to the one with the greatest: with none in its place they
    /// would else begin with the first of those that are tried last.
    /// </summary>
    private bool IsMoreElsewhere(long share, long nowMs)
    {
        foreach (UpstreamDefinition upstream in _service!.Upstreams)
        {
            if (_service.ShareOf(upstream, nowMs) > share) return true;
        }
        return false;
    }

    /// <summary>Whether an address follows in the list that is not tried last.</summary>
    private bool HasTrustedNext()
    {
        FailoverCursor ahead = _cursor;
        while (ahead.MoveNext(_service!.Upstreams, out UpstreamAddress? address) && !ahead.IsLast)
        {
            if (address is not null && _service.ShareOf(address.Standing, _context.Loop.CoarseSharedMs) > 0) return true;
        }
        return false;
    }

    /// <summary>
    /// Whether this client is not of that part. The multiples of the golden ratio spread the clients evenly (Knuth, The Art of Computer
    /// Programming, 6.4): of any few in a row about that part is in it.
    /// </summary>
    private bool IsBeyond(long millionths)
    {
        uint place = (uint)LoopContext.OrderOf(Id) * 2_654_435_769u;
        return (place * 1_000_000L) >> 32 >= millionths;
    }

    /// <summary>The upstream has ended the session.</summary>
    private void NoteEnd(EndReason reason)
    {
        if (_service!.Passive is not { } passive || _fromUpstream.Bytes > 0) return;
        // A client that ends without a byte, as balancers in front do that check: there was nothing to answer.
        if (_fromClient.IsSourceDone && _fromClient.Bytes == 0) return;
        bool isEarly = reason is { Party: EndParty.Upstream, Cause: EndCause.Ended or EndCause.Reset }
            && SinceProxiedUs <= passive.Within.TotalMicroseconds;
        if (!isEarly) return;
        ref Observability.UpstreamCounts counts = ref _context.Loop.Metrics.Upstream(UpstreamOf(_attempt).Activity.Number);
        counts.EarlyEnds++;
        if (Ejection.TryHold(_service, passive, _upstreamAddress!, _context.Loop.CoarseSharedMs)) counts.Ejected++;
    }
}
