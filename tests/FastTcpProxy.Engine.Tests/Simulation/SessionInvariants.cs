using FastTcpProxy.Engine.Loop;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Tests.Pure;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// What must hold of every client when a run is over, whatever happened in it. Pure: reads a harness and returns what is wrong.
/// </summary>
internal static class SessionInvariants
{
    /// <summary>
    /// No deadline is early, and a timer fires at most one tick late; its time may have been read from a clock that is one tick old.
    /// </summary>
    private const long SlackUs = 2 * TimerWheel.TickMs * 1000;

    /// <summary>How soon the end of a client is noticed while its upstream is being connected.</summary>
    private const long ClientGoneMaxUs = 1_000_000;

    public static IEnumerable<string> Check(SessionHarness harness)
    {
        foreach (ClientRun client in harness.Clients)
        {
            if (client.Records is not [SessionRecord record])
            {
                yield return $"{client.Records.Count} records of {client}";
                continue;
            }
            IEnumerable<string?> faults =
                [CheckAttempts(harness, client, record), CheckUpstreams(client), CheckReason(harness, client, record),
                    CheckUnheard(client, record), CheckBytes(client, record)];
            foreach (string? fault in faults)
            {
                if (fault is not null)
                    yield return $"{fault}: {record.Reason}, attempts {Told(record.Attempts)}, {client}, "
                        + $"upstream {Proxied(client)?.Peer.Script ?? "none"}";
            }
        }
    }

    private static string Told(AttemptList attempts) => string.Join(", ", Enumerable.Range(0, attempts.Count)
        .Select(i => $"{attempts[i].Upstream}/{attempts[i].Address} {attempts[i].Outcome} {attempts[i].Microseconds}"));

    private static UpstreamRun? Proxied(ClientRun client) => client.Upstreams.LastOrDefault();

    /// <summary>
    /// How much later something may be than it would be without pauses: they do not count, and what came in one is waited for. A short one
    /// counts, so all of it is an upper bound.
    /// </summary>
    private static long PauseSlackUs(SessionHarness harness) =>
        harness.World.Pauses == 0 ? 0 : harness.World.PausedUs + (harness.World.Pauses * Session.GraceMs * 1000L);

    private static string? CheckAttempts(SessionHarness harness, ClientRun client, in SessionRecord record)
    {
        ServiceDefinition service = record.Service;
        bool isHedged = service.WatchesConnects || service.PutsOff;
        List<(int Upstream, int Address)> order =
            [.. service.Upstreams.SelectMany((u, i) => Enumerable.Range(0, Math.Max(1, u.Addresses.Length)).Select(a => (i, a)))];
        HashSet<(int Upstream, int Address)> left = [];
        for (int i = 0; i < record.Attempts.Count; i++)
        {
            Attempt attempt = record.Attempts[i];
            if (!isHedged && (attempt.Upstream, attempt.Address) != order[i])
                return $"attempt {i} went to {attempt.Upstream}/{attempt.Address}";
            if (attempt.Microseconds > service.ConnectTimeout.TotalMicroseconds + SlackUs + PauseSlackUs(harness))
                return $"attempt {i} took {attempt.Microseconds} us";
            if (isHedged && !order.Remove((attempt.Upstream, attempt.Address))) return $"attempt {i} was one too many";
            // One that gave way comes back at the end of the list, once.
            if (service.WatchesConnects && IsLeft(harness, service, attempt) && left.Add((attempt.Upstream, attempt.Address)))
                order.Add((attempt.Upstream, attempt.Address));
            bool last = i == record.Attempts.Total - 1;
            if (attempt.Outcome == AttemptOutcome.Connected && service.RetryOnReset == ResetRetry.Never
                && (!last || record.Reason.Phase != EndPhase.Relay))
                return "continued after an upstream had accepted";
            if (attempt.Outcome == AttemptOutcome.Abandoned && !last && !isHedged) return "continued after an attempt was abandoned";
        }
        if (record.Reason.Phase == EndPhase.Relay && record.Attempts[record.Attempts.Count - 1].Outcome != AttemptOutcome.Connected)
            return "proxied without a connect";
        int back = 0;
        for (int i = 1; i < client.Tried.Count; i++)
        {
            if (client.Tried[i].Index < client.Tried[i - 1].Index) back++;
        }
        // Once, to those that were put off or gave way.
        return back > (service.PutsOff || service.Hedge is not null ? 1 : 0) ? "went back in the list" : null;
    }

    /// <summary>Whether the session may have left the attempt before its time was over.</summary>
    private static bool IsLeft(SessionHarness harness, ServiceDefinition service, Attempt attempt) =>
        attempt.Outcome == AttemptOutcome.Superseded || (attempt.Outcome == AttemptOutcome.TimedOut
            && attempt.Microseconds < service.ConnectTimeout.TotalMicroseconds + PauseSlackUs(harness));

    private static string? CheckUpstreams(ClientRun client)
    {
        if (client.Upstreams.Count(u => u.Peer.ReceivedBytes > 0) > 1) return "two upstreams got bytes";
        if (!SessionHarness.IsTold(client.Peer)) return "the client was left without a word";
        if (!client.Upstreams.TrueForAll(u => SessionHarness.IsTold(u.Peer))) return "an upstream was left without a word";
        return null;
    }

    private static string? CheckBytes(ClientRun client, in SessionRecord record)
    {
        UpstreamRun? upstream = Proxied(client);
        if (upstream is null) return record.BytesFromClient + record.BytesFromUpstream == 0 ? null : "bytes without an upstream";
        if (upstream.Payload > record.BytesFromClient || record.BytesFromClient > client.Peer.SentBytes)
            return $"{record.BytesFromClient} bytes from the client are recorded";
        if (client.Peer.ReceivedBytes > record.BytesFromUpstream || record.BytesFromUpstream > upstream.Peer.SentBytes)
        {
            return $"{record.BytesFromUpstream} bytes from the upstream are recorded";
        }
        return null;
    }

    private static string? CheckReason(SessionHarness harness, ClientRun client, in SessionRecord record)
    {
        EndReason reason = record.Reason;
        long startUs = (record.StartedUtcTicks - harness.World.Clock.Epoch.UtcTicks) / 10;
        long endUs = startUs + record.TotalUs;
        return reason.Phase switch
        {
            EndPhase.Guard => GuardReasons.Check(client, record),
            EndPhase.Header => CheckHeaderPhase(harness, client, record),
            EndPhase.Connect => CheckConnectPhase(harness, client, record, startUs, endUs),
            // The handshake was held, and the session ended as it was proxied: nothing had come to the upstream.
            _ when Proxied(client) is null && record.Service.WatchesConnects =>
                Expect(record.TotalUs <= record.HeaderUs + record.ConnectUs + 1, "the upstream was not told that it had a session"),
            _ => CheckRelayPhase(harness, client, Proxied(client)!, record, endUs),
        };
    }

    private static string? CheckHeaderPhase(SessionHarness harness, ClientRun client, in SessionRecord record)
    {
        if (record.Service.AcceptProxy is not { } acceptProxy) return "read a header that no one asked for";
        if (client.Upstreams.Count > 0 || client.Tried.Count > 0) return "connected before the header was whole";
        return (record.Reason.Party, record.Reason.Cause) switch
        {
            (EndParty.Proxy, EndCause.TimedOut) =>
                Expect(IsNear(record.TotalUs, acceptProxy.Timeout, PauseSlackUs(harness)), "the header's deadline was not kept"),
            (EndParty.Proxy, EndCause.NoBuffer) => Expect(harness.World.Buffers.Refusals > 0, "no buffer was refused"),
            (EndParty.Client, EndCause.InvalidHeader) => Expect(client.SendsInvalidHeader, "the header was valid"),
            (EndParty.Client, EndCause.Closed) => Expect(client.Peer.HasHalfClosed || client.Peer.HasClosed, "the client did not close"),
            (EndParty.Client, EndCause.Reset) => Expect(HasBroken(client.Peer), "the client did not reset"),
            _ => "not a reason of this phase",
        };
    }

    private static string? CheckConnectPhase(SessionHarness harness, ClientRun client, in SessionRecord record, long startUs, long endUs)
    {
        SimPeer peer = client.Peer;
        EndReason reason = record.Reason;
        long pauseUs = PauseSlackUs(harness);
        if (client.Upstreams.Any(u => u.Peer.ReceivedBytes > 0)) return "an upstream got bytes from a session that was not proxied";
        if (reason.Party == EndParty.Client)
        {
            long noticedUs = endUs - Math.Max(peer.LastActUs, startUs + record.HeaderUs);
            if (noticedUs > ClientGoneMaxUs + pauseUs) return $"the client's end was noticed after {noticedUs} us";
            return reason.Cause switch
            {
                EndCause.Closed =>
                    Expect(record.Service.AbortOnClose && HasEnded(peer), "the client did not end, or was to be served all the same"),
                EndCause.Reset => Expect(HasBroken(peer), "the client did not reset"),
                _ => "not a reason of this phase",
            };
        }
        AttemptList attempts = record.Attempts;
        Failure failure = Enumerable.Range(0, attempts.Count)
            .Select(i => attempts[i].Outcome)
            // One that accepted and was replaced.
            .Select(o => o == AttemptOutcome.Connected ? FailureTable.Broken : FailureRows.Of(o))
            .Aggregate((Failure?)null, (before, failure) => failure.After(before)) ?? FailureTable.Other;
        if (reason.Party != (failure.IsOwnLack ? EndParty.Proxy : EndParty.Upstream)) return "not a reason of this phase";
        bool isGone = peer.HasReset || peer.HasVanished || (record.Service.AbortOnClose && HasEnded(peer));
        if (isGone && endUs - peer.LastActUs > ClientGoneMaxUs + pauseUs) return "the client's end was not noticed";
        int addresses = record.Service.Upstreams.Sum(u => Math.Max(1, u.Addresses.Length));
        bool outOfTime = record.Service.TotalConnectTimeout is { } total && record.ConnectUs >= total.TotalMicroseconds - 1000;
        if (record.Attempts.Total < addresses && !outOfTime && failure.Next != NextStep.Stop) return "gave up before the end of the list";
        if (reason != failure.ToReason(EndParty.Upstream, EndPhase.Connect)) return $"the list failed for {failure.Kind}";
        if (record.Service.TotalConnectTimeout is { } limit && record.ConnectUs > limit.TotalMicroseconds + SlackUs + pauseUs)
            return "the total connect timeout was not kept";
        return CheckTold(peer, record.Service.OnAllFailed == AllFailedAction.Reset);
    }

    private static string? CheckTold(SimPeer peer, bool reset)
    {
        if (peer.End.IsClosed || HasBroken(peer)) return null;
        if (reset) return Expect(peer.End.IsBroken, "the client was not told by a reset");
        // A clean end, unless it sent more meanwhile than was taken: then the kernel resets.
        return Expect(peer.SawEnd || peer.End.IsBroken || !peer.IsDone, "the client was not told by an end");
    }

    private static string? CheckRelayPhase(SessionHarness harness, ClientRun client, UpstreamRun upstream,
        in SessionRecord record, long endUs)
    {
        SimPeer c = client.Peer;
        SimPeer u = upstream.Peer;
        long quietUs = endUs - client.LastActivityUs;
        bool exact = harness.World.Buffers.Refusals == 0;
        long proxiedUs = endUs - record.TotalUs + record.HeaderUs + record.ConnectUs;
        bool hadEnded = HasEnded(c) && !HasBroken(c) && c.LastActUs + harness.World.Faults.LatencyMaxUs < proxiedUs;
        if (record.Service.AbortOnClose && hadEnded) return "a client that had ended was served";
        bool oneEnded = c.HasHalfClosed || c.HasClosed || u.HasHalfClosed || u.HasClosed;
        switch (record.Reason.Party, record.Reason.Cause)
        {
            case (EndParty.Client or EndParty.Upstream, EndCause.Ended):
                return CheckCleanEnd(c, u, upstream, record);
            case (EndParty.Client, EndCause.Reset):
                return Expect(HasBroken(c), "the client did not reset") ?? Expect(u.End.IsBroken || u.End.IsClosed || u.HasVanished,
                    "the upstream was not reset");
            case (EndParty.Upstream, EndCause.Reset):
                return Expect(HasBroken(u), "the upstream did not reset") ?? Expect(c.End.IsBroken || c.End.IsClosed || c.HasVanished,
                    "the client was not reset");
            case (EndParty.Proxy, EndCause.Idle):
                return CheckQuiet(quietUs, record.Service.IdleTimeout, exact, PauseSlackUs(harness));
            case (EndParty.Proxy, EndCause.HalfClosed):
                return Expect(oneEnded, "neither side has ended") ?? CheckQuiet(quietUs, record.Service.HalfCloseTimeout, exact,
                    PauseSlackUs(harness));
            case (EndParty.Proxy, EndCause.NoBuffer):
                return Expect(!exact, "no buffer was refused");
            default:
                return "not a reason of this phase";
        }
    }

    private static string? CheckQuiet(long quietUs, TimeSpan limit, bool exact, long pauseUs)
    {
        // A session that waits for a buffer looks alive to the proxy, and it is in no hurry then.
        if (!exact) return null;
        double offUs = quietUs - limit.TotalMicroseconds;
        // What a slow receiver took is noticed at the next look at what waits for it: that much later the silence may seem to begin.
        return Expect(offUs >= 0 && offUs <= Session.BlockedPollMs * 1000L + SlackUs + pauseUs,
            $"ended after {quietUs} us of silence, the limit is {limit}");
    }

    /// <summary>No deadline ends what has been answered in time, whether the session has heard of that or not.</summary>
    private static string? CheckUnheard(ClientRun client, in SessionRecord record)
    {
        bool isBlocked = (client.Unheard & Unheard.Blocked) != 0;
        bool byDeadline = record.Reason is { Party: EndParty.Proxy, Cause: EndCause.TimedOut or EndCause.Idle or EndCause.HalfClosed };
        if (byDeadline && !isBlocked && (client.Unheard & (Unheard.Input | Unheard.Room)) != 0)
            return $"a deadline ended it while there was {client.Unheard}";
        if ((client.Unheard & Unheard.Connect) == 0) return null;
        for (int i = 0; i < record.Attempts.Count; i++)
        {
            if (record.Attempts[i].Outcome is AttemptOutcome.Abandoned or AttemptOutcome.Superseded) return null;
        }
        return "an attempt was given up that had been answered";
    }

    private static bool IsNear(long us, TimeSpan limit, long laterUs) =>
        us >= limit.TotalMicroseconds && us <= limit.TotalMicroseconds + SlackUs + laterUs;

    private static string? CheckCleanEnd(SimPeer c, SimPeer u, UpstreamRun upstream, in SessionRecord record)
    {
        if (!((c.HasHalfClosed || c.HasClosed) && (u.HasHalfClosed || u.HasClosed))) return "a side has not ended";
        if (record.BytesFromClient != c.SentBytes || record.BytesFromUpstream != u.SentBytes) return "a clean end with bytes lost";
        if (!upstream.HeaderIsWhole && !u.HasClosed) return "the header did not arrive";
        if (!u.HasClosed && (upstream.Payload != c.SentBytes || !u.SawEnd || u.SawReset))
            return $"the upstream got {upstream.Payload} bytes, end {u.SawEnd}, reset {u.SawReset}";
        if (!c.HasClosed && (c.ReceivedBytes != u.SentBytes || !c.SawEnd || c.SawReset))
            return $"the client got {c.ReceivedBytes} of {u.SentBytes}, end {c.SawEnd}";
        return null;
    }

    private static bool HasEnded(SimPeer peer) => peer.HasClosed || peer.HasHalfClosed;

    public static bool HasBroken(SimPeer peer) => peer.HasReset || peer.HasVanished || peer.End.HasSentReset;

    private static string? Expect(bool condition, string fault) => condition ? null : fault;
}
