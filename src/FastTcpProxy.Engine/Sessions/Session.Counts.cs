using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// What is counted of a session. Everything balances: what has begun is counted once more when it ends, whatever fails in between.
/// </content>
internal sealed partial class Session
{
    /// <summary>
    /// Servers that wait for a header do so for some seconds: Dovecot 3 (haproxy_timeout), Postfix 5 (smtpd_upstream_proxy_timeout). One
    /// that ends later has another reason.
    /// </summary>
    private const long UnansweredWithinUs = 10_000_000;

    /// <summary>
    /// A session that has lasted this long has its connections looked at when it ends; of shorter ones each sixteenth. A look is a system
    /// call, and a short session has few of them.
    /// </summary>
    private const int PathsOfAllMs = 1_000;

    private const int PathsOfOneIn = 16;

    private ref ServiceCounts ServiceCounts => ref _context.Loop.Metrics.Service(_serviceState!.Number);

    private UpstreamDefinition UpstreamOf(in ConnectAttempt attempt) => _service!.Upstreams[attempt.Place.Upstream];

    private void BeginAttempt(long probe)
    {
        long startedUs = _context.Loop.NowUs;
        _attempt = new ConnectAttempt
        {
            Place = _cursor.Place, StartedUs = startedUs, StartedMs = _context.Loop.ToMs(startedUs), IsOpen = true, Probe = probe,
            SilentDueMs = long.MaxValue,
        };
        _upstreamAddress = null;
        _context.Loop.Metrics.Upstream(UpstreamOf(_attempt).Activity.Number).Pending++;
    }

    private void CountAttempt(UpstreamActivity upstream, AttemptOutcome outcome, long tookUs)
    {
        ref UpstreamCounts counts = ref _context.Loop.Metrics.Upstream(upstream.Number);
        counts.Pending--;
        counts.Attempts[(int)outcome]++;
        if (outcome == AttemptOutcome.Connected) counts.Connected.Add(tookUs);
        else counts.Failed.Add(tookUs);
    }

    private void CountProxied(UpstreamActivity upstream, long nowUs)
    {
        if (_service!.Hedge is not null) ServiceCounts.ClientWait.Add(nowUs - _startedUs);
        ServiceCounts.FailoverCost.Add(_attempt.StartedUs - _startedUs);
        ref UpstreamCounts counts = ref _context.Loop.Metrics.Upstream(upstream.Number);
        counts.Sessions++;
        counts.SessionsTotal++;
        _proxiedTo = upstream;
    }

    /// <summary>What a direction has moved since it was last asked.</summary>
    private void CountBytes(RelayDirection direction, bool fromClient)
    {
        long bytes = direction.TakeUncounted();
        if (bytes == 0) return;
        ref UpstreamCounts upstream = ref _context.Loop.Metrics.Upstream(_proxiedTo!.Number);
        if (fromClient)
        {
            ServiceCounts.BytesToUpstreams += bytes;
            upstream.BytesToUpstream += bytes;
            return;
        }
        ServiceCounts.BytesToClients += bytes;
        upstream.BytesToClient += bytes;
        if (bytes != direction.Bytes) return;
        upstream.FirstByte.Add(SinceProxiedUs);
        if (_service!.Passive is not null) _upstreamAddress!.Standing.Served(_context.Loop.CoarseSharedMs);
    }

    private long SinceProxiedUs => _context.Loop.NowUs - (_connectStartedUs + _connectUs);

    private void ObservePaths()
    {
        if (_proxiedTo is null || _client is null || _upstream is null) return;
        bool isLong = _context.Loop.CoarseNowMs - _connectStartedMs >= PathsOfAllMs;
        if (!isLong && LoopContext.OrderOf(Id) % PathsOfOneIn != 0) return;
        _clientPath = Observe(_client, ref ServiceCounts.ClientTcp);
        _upstreamPath = Observe(_upstream, ref ServiceCounts.UpstreamTcp);
    }

    private static PathState? Observe(StreamSocket stream, ref TcpCounts counts)
    {
        if (!stream.TryGetPathState(out PathState path)) return null;
        counts.Retransmits += path.Retransmits;
        counts.Lost += path.Lost;
        counts.RoundTrip.Add(path.RoundTripUs);
        return path;
    }

    private void CountEnd(EndReason reason)
    {
        ref ServiceCounts service = ref ServiceCounts;
        service.Ended[EndReasons.NumberOf(reason)]++;
        if (reason.Cause == EndCause.InvalidHeader) service.HeaderErrors[(int)_headerError]++;
        if (_proxiedTo is not null) CountLeft(_proxiedTo, reason);
    }

    /// <summary>The session is no longer proxied to the upstream.</summary>
    private void CountLeft(UpstreamActivity upstream, EndReason reason)
    {
        // What a pump that failed by a defect had moved.
        CountBytes(_fromClient, fromClient: true);
        CountBytes(_fromUpstream, fromClient: false);
        ref UpstreamCounts counts = ref _context.Loop.Metrics.Upstream(upstream.Number);
        counts.Sessions--;
        NoteEnd(reason);
        if (_fromUpstream.Bytes > 0) counts.Answered++;
        else if (IsUnanswered(reason)) counts.Unanswered++;
    }

    /// <summary>
    /// An upstream that ends sessions soon and without a byte may not want the header that they begin with, or may want one.
    /// </summary>
    private bool IsUnanswered(EndReason reason) =>
        reason is { Party: EndParty.Upstream, Cause: EndCause.Ended or EndCause.Reset } && SinceProxiedUs <= UnansweredWithinUs;
}
