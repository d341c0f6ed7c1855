using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// The end: stop (timer, streams), say (counters and the record), free (counts, back to the pool). The first reason is the only one,
/// as the session is idle from then on. A step that fails by a defect is counted and gone past: the others follow, so that nothing stays held or counted.
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

    private const int EndSteps = 15;

    private void End(EndReason reason, bool reset)
    {
        // Taken before its step is done: one that throws is not begun again.
        int next = 0;
        while (next < EndSteps)
        {
            try
            {
                while (next < EndSteps) EndStep(next++, reason, reset);
            }
            catch (Exception fault)
            {
                _context.Loop.Counters.CountFault(fault);
            }
        }
    }

    private void EndStep(int step, EndReason reason, bool reset)
    {
        switch (step)
        {
            case 0:
                if (_state == SessionState.Connecting && (_upstream is not null || _retryDueMs != 0)) RecordAttempt(AttemptOutcome.Abandoned);
                break;
            case 1:
                _state = SessionState.Idle;
                _context.Remove(this);
                break;
            case 2:
                _context.Loop.Timers.Cancel(this);
                break;
            case 3:
                CloseUpstream(reset);
                break;
            case 4:
                // Missing when the transport could not take the client.
                _client?.Close(reset);
                break;
            case 5:
                ReturnHeaderChunk();
                break;
            case 6:
                ReturnTlvChunk();
                break;
            case 7:
                Report(reason);
                break;
            case 8:
                ReturnKept();
                break;
            case 9:
                _fromClient.Close();
                break;
            case 10:
                _fromUpstream.Close();
                break;
            case 11:
                _joined?.Sessions.Leave();
                break;
            case 12:
                _serviceState!.Sessions.Leave();
                break;
            case 13:
                _context.Limits.Sessions.Leave();
                break;
            case 14:
                _context.Pool.Return(this);
                break;
        }
    }

    private void ReturnKept()
    {
        (ForwardedEnds? forwarded, AttemptLog? attempts) = (_forwarded, _attemptLog);
        _forwarded = null;
        _attemptLog = null;
        if (forwarded is not null) _context.ForwardedEnds.Return(forwarded);
        if (attempts is not null) _context.AttemptLogs.Return(attempts);
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
