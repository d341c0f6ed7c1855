using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// The end, in three steps: stop (timer, streams), say (counters and the record), free (back to the pool). The first reason is the only one,
/// as the session is idle from then on.
/// </content>
internal sealed partial class Session
{
    /// <summary>Ends a session in whatever state it is.</summary>
    internal void EndByForce(EndParty party, EndCause cause)
    {
        EndPhase phase = _state switch
        {
            SessionState.ReadingHeader => EndPhase.Header,
            SessionState.Connecting => EndPhase.Connect,
            _ => EndPhase.Relay,
        };
        if (_state != SessionState.Idle) End(new EndReason(party, phase, cause), reset: true);
    }

    private void End(EndReason reason, bool reset)
    {
        if (_state == SessionState.Connecting && _upstream is not null) RecordAttempt(AttemptOutcome.Abandoned);
        _state = SessionState.Idle;
        _context.Remove(this);
        _context.Loop.Timers.Cancel(this);
        CloseUpstream(reset);
        _client!.Close(reset);
        ReturnHeaderChunk();
        ReturnTlvChunk();
        Report(reason);
        ReturnKept();
        _fromClient.Close();
        _fromUpstream.Close();
        // Only a session that was joined ends in this phase.
        if (reason.Phase == EndPhase.Relay) _service!.Upstreams[_cursor.UpstreamIndex].Activity.Sessions.Leave();
        _serviceState!.Sessions.Leave();
        _context.Limits.Sessions.Leave();
        _context.Pool.Return(this);
    }

    private void ReturnKept()
    {
        if (_forwarded is not null) _context.ForwardedEnds.Return(_forwarded);
        if (_attemptLog is not null) _context.AttemptLogs.Return(_attemptLog);
        _forwarded = null;
        _attemptLog = null;
    }

    private void Report(EndReason reason)
    {
        EngineCounters counters = _context.Loop.Counters;
        counters.Ended++;
        counters.BytesToUpstreams += _fromClient.Bytes;
        counters.BytesToClients += _fromUpstream.Bytes;
        if (_context.Records is not { } records) return;
        bool joined = reason.Phase == EndPhase.Relay;
        SessionRecord record = new()
        {
            Id = Id,
            StartedUtcTicks = _startedUtcTicks,
            Service = _service!,
            Listener = _listener!.Address.Text,
            Peer = _peer,
            Client = _forwarded?.Source ?? _peer,
            ClientIsForwarded = _forwarded is not null,
            Attempts = Attempts(),
            UpstreamAddress = joined ? _upstreamAddress : null,
            UpstreamIndex = joined ? _cursor.UpstreamIndex : -1,
            Mode = _mode,
            BytesFromClient = _fromClient.Bytes,
            BytesFromUpstream = _fromUpstream.Bytes,
            HeaderUs = _headerUs,
            HeaderError = _headerError,
            ConnectUs = _connectUs,
            TotalUs = _context.Loop.NowUs - _startedUs,
            Reason = reason,
            ProcessSessions = _context.Limits.Sessions.Current,
            ServiceSessions = _serviceState!.Sessions.Current,
        };
        if (!records.TryWrite(record)) counters.RecordsDropped++;
    }
}
