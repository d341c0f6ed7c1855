using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Listening;

/// <content>
/// A client comes: it is counted, judged, and becomes a session or is refused. Whatever fails on the way, the client is closed and what was counted is given back.
/// </content>
internal sealed partial class Listener
{
    private void Admit(in AcceptedConnection connection)
    {
        ServiceState state = Service;
        int processSessions = _context.Limits.Sessions.Enter();
        int serviceSessions = state.Sessions.Enter();
        // The session gives both back at its end; whoever is not let in, Refuse.
        Session? session = null;
        bool expectsHeader = false;
        EndCause refusal = EndCause.Fault;
        try
        {
            if (Judge(connection, state.Definition, processSessions, serviceSessions, out expectsHeader) is { } cause) refusal = cause;
            else session = _context.Pool.Get();
        }
        catch (Exception fault)
        {
            _context.Loop.Counters.CountFault(fault);
        }
        if (session is null) Refuse(connection, state, refusal);
        else Begin(session, state, connection, expectsHeader);
    }

    /// <summary>Why the client may not come in; null: it may.</summary>
    private EndCause? Judge(in AcceptedConnection connection, ServiceDefinition service, int processSessions, int serviceSessions, out bool expectsHeader)
    {
        expectsHeader = false;
        GuardVerdict verdict = AdmissionGuard.Decide(processSessions, _context.Limits.SessionsMax, serviceSessions, service.SessionsMax);
        if (verdict != GuardVerdict.Allow) return EndCause.LimitReached;
        if (service.AcceptProxy is not { } acceptProxy) return null;
        // On a UNIX socket the file's permissions say who is a balancer.
        expectsHeader = Address.UnixPath is not null || acceptProxy.From.Contains(connection.Peer);
        return expectsHeader || acceptProxy.ServeOthers ? null : EndCause.NotTrusted;
    }

    private void Begin(Session session, ServiceState state, in AcceptedConnection connection, bool expectsHeader)
    {
        try
        {
            session.Begin(Bound, state, Buffers, connection, expectsHeader);
        }
        catch (Exception fault)
        {
            // Here, and not where the loop contains faults: there it would count against the listener, and the session would be lost.
            _context.Loop.Counters.CountFault(fault);
            // The transport did not take the client: nobody has it.
            if (session.State != SessionState.Idle && !session.HasClient) TryRefuse(connection);
            session.OnFault(fault);
        }
    }

    private void TryRefuse(in AcceptedConnection connection)
    {
        try
        {
            _context.Transport.Refuse(connection, reset: true);
        }
        catch (Exception fault)
        {
            _context.Loop.Counters.CountFault(fault);
        }
    }

    private void Refuse(in AcceptedConnection connection, ServiceState state, EndCause cause)
    {
        TryRefuse(connection);
        try
        {
            ReportRefused(connection, state, cause);
        }
        finally
        {
            state.Sessions.Leave();
            _context.Limits.Sessions.Leave();
        }
    }

    private void ReportRefused(in AcceptedConnection connection, ServiceState state, EndCause cause)
    {
        _context.Loop.Counters.Refused++;
        if (_context.Records is { } records)
        {
            SessionRecord record = new()
            {
                Id = _context.NextSessionId(),
                StartedUtcTicks = _context.Loop.UtcNow.UtcTicks,
                Service = state.Definition,
                Listener = Address.Text,
                Peer = connection.Peer,
                Client = connection.Peer,
                UpstreamIndex = -1,
                ConnectUs = -1,
                Reason = new EndReason(EndParty.Proxy, EndPhase.Guard, cause),
                ProcessSessions = _context.Limits.Sessions.Current,
                ServiceSessions = state.Sessions.Current,
            };
            if (!records.TryWrite(record)) _context.Loop.Counters.RecordsDropped++;
        }
    }
}
