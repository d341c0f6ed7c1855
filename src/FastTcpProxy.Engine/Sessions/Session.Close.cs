using System.Collections.Immutable;
using FastTcpProxy.Engine.Memory;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// The close: stop (timer, streams), report (counts and the record), free (counts, back to the pool). The first reason is the only one,
/// because the session is idle from then on. A step that fails by a defect is counted and skipped. The others follow, so nothing stays held
/// or counted.
/// </content>
internal sealed partial class Session
{
    /// <summary>Ends a session in whatever state it is.</summary>
    internal void EndByForce(EndParty party, EndCause cause)
    {
        EndPhase phase = _state switch
        {
            SessionState.ReadingHeader => EndPhase.Header,
            SessionState.Accepted or SessionState.Connecting => EndPhase.Connect,
            _ => EndPhase.Relay,
        };
        if (_state != SessionState.Idle) End(new EndReason(party, phase, cause), reset: true);
    }

    /// <summary>What the end does, in this order.</summary>
    private static readonly ImmutableArray<Action<Session, EndReason, bool>> EndSteps =
    [
        static (s, _, _) =>
        {
            if (s._attempt.IsOpen) s.RecordAttempt(FailureTable.Abandoned);
        },
        static (s, _, _) => s.AbandonElder(),
        static (s, reason, _) => s.CountEnd(reason),
        static (s, _, _) =>
        {
            s.Become(SessionState.Idle);
            s._context.Remove(s);
        },
        static (s, _, _) => s._context.Loop.Timers.Cancel(s),
        static (s, _, _) => s.LeaveBufferWait(),
        static (s, _, _) => s.ObservePaths(),
        static (s, _, reset) => s.CloseUpstream(reset),
        // Missing when the transport could not take the client.
        static (s, _, reset) => s._client?.Close(reset),
        static (s, _, _) => s.ReturnHeaderChunk(),
        static (s, _, _) => s.ReturnTlvChunk(),
        static (s, reason, _) => s.Report(reason),
        static (s, _, _) => s.ReturnKept(),
        static (s, _, _) => s._fromClient.Close(),
        static (s, _, _) => s._fromUpstream.Close(),
        static (s, reason, _) =>
        {
            if (!s._ticket.IsNowhere) s.ReleaseTicket(wasServed: reason.Phase == EndPhase.Relay);
        },
        static (s, _, _) => s._serviceState!.Sessions.Leave(s._context.Loop.Index),
        static (s, _, _) => s._context.Limits.Sessions.Leave(s._context.Loop.Index),
        static (s, _, _) => s._context.Pool.Return(s),
    ];

    private void End(EndReason reason, bool reset)
    {
        // Taken before its step runs, so that a step that throws is not repeated.
        int next = 0;
        while (next < EndSteps.Length)
        {
            try
            {
                while (next < EndSteps.Length) EndSteps[next++](this, reason, reset);
            }
            catch (Exception fault)
            {
                _context.Loop.Metrics.CountFault(fault);
            }
        }
    }

    private void ReleaseTicket(bool wasServed) =>
        _context.Guards.Release(ref _ticket, wasServed, _context.Loop.SharedUs, _context.Loop.Index);

    private void LeaveBufferWait()
    {
        if (_bufferWait is { List: not null } wait) BufferShare.Leave(wait);
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
        if (_steps is not null) CloseSteps(reason);
        if (_context.Records is not { } records) return;
        bool wasProxied = reason.Phase == EndPhase.Relay;
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
            UpstreamAddress = wasProxied ? _upstreamAddress : null,
            UpstreamIndex = wasProxied ? _attempt.Place.Upstream : -1,
            Mode = _mode,
            BytesFromClient = _fromClient.Bytes,
            BytesFromUpstream = _fromUpstream.Bytes,
            HeaderUs = _headerUs,
            HeaderError = _headerError,
            ConnectUs = _connectUs,
            TotalUs = _context.Loop.NowUs - _startedUs,
            Reason = reason,
            ClientPath = _clientPath,
            UpstreamPath = _upstreamPath,
            ProcessSessions = _context.Limits.Sessions.AtTick(_context.Loop.Index, _context.Loop.Ticks),
            ServiceSessions = _serviceState!.Sessions.AtTick(_context.Loop.Index, _context.Loop.Ticks),
        };
        if (!records.TryWrite(record)) _context.CountDropped(_serviceState);
    }
}
