using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Listening;

/// <content>
/// A client arrives: it is counted, judged, and becomes a session or is refused. Whatever fails meanwhile, the client is closed and the
/// counts are returned.
/// </content>
internal sealed partial class Listener
{
    private void Admit(in AcceptedConnection connection)
    {
        ServiceState state = Service;
        int loop = _context.Loop.Index;
        // The session returns both when it closes; those of a refused client are returned here.
        bool inProcess = _context.Limits.Sessions.TryEnter(loop);
        bool inService = state.Sessions.TryEnter(loop);
        Session? session = null;
        AdmissionVerdict verdict = default;
        GuardTicket ticket = default;
        EndReason refusal = new(EndParty.Proxy, EndPhase.Guard, EndCause.Fault);
        _context.Loop.Metrics.Service(state.Number).Accepted++;
        try
        {
            AdmissionFacts facts = FactsOf(connection, state.Definition, inProcess, inService);
            verdict = _context.Guards.Concerns(state.Definition.Guards)
                ? _context.Guards.Judge(facts, state.Definition.Guards, state.Guarded, connection.Peer, _context.Loop.SharedUs, loop,
                    out ticket)
                : Admission.Decide(facts);
            if (verdict is AdmissionVerdict.Serve or AdmissionVerdict.ReadHeader) session = _context.Pool.Get();
            else refusal = EndReason.Refused(verdict);
        }
        catch (Exception fault)
        {
            _context.Loop.Metrics.CountFault(fault);
        }
        if (session is not null)
        {
            Begin(session, state, connection, ticket, expectsHeader: verdict == AdmissionVerdict.ReadHeader);
            return;
        }
        _context.Loop.Metrics.Service(state.Number).Ended[EndReasons.NumberOf(refusal)]++;
        try
        {
            TryRefuse(connection, state.Definition.Guards?.OnRefuse ?? RefusalAction.Reset);
            ReportRefused(connection, state, refusal, inProcess, inService);
        }
        finally
        {
            if (!ticket.IsNowhere) _context.Guards.Release(ref ticket, wasServed: false, _context.Loop.SharedUs, loop);
            if (inService) state.Sessions.Leave(loop);
            if (inProcess) _context.Limits.Sessions.Leave(loop);
        }
    }

    /// <summary>On a UNIX socket the file's permissions say who is a balancer.</summary>
    private AdmissionFacts FactsOf(in AcceptedConnection connection, ServiceDefinition service, bool processHasRoom, bool serviceHasRoom) =>
        service.AcceptProxy is { } accept
        ? new AdmissionFacts(processHasRoom, serviceHasRoom, true, Address.UnixPath is not null || accept.From.Contains(connection.Peer),
            accept.ServeOthers)
        : new AdmissionFacts(processHasRoom, serviceHasRoom, false, false, false);

    private void Begin(Session session, ServiceState state, in AcceptedConnection connection, in GuardTicket ticket, bool expectsHeader)
    {
        try
        {
            session.Begin(Bound, state, Buffers, connection, ticket, expectsHeader);
        }
        catch (Exception fault)
        {
            // Contained here, and not by the loop: there the fault would count against the listener, and the session would be lost.
            _context.Loop.Metrics.CountFault(fault);
            session.OnFault(fault);
        }
    }

    private void TryRefuse(in AcceptedConnection connection, RefusalAction action)
    {
        try
        {
            if (action == RefusalAction.Drop && Address.UnixPath is null) connection.Stream.Mute();
            connection.Stream.Close(reset: action != RefusalAction.Close);
        }
        catch (Exception fault)
        {
            _context.Loop.Metrics.CountFault(fault);
        }
    }

    private void ReportRefused(in AcceptedConnection connection, ServiceState state, EndReason reason, bool inProcess, bool inService)
    {
        long id = _context.NextSessionId();
        if (_context.Steps.Rules is { } rules) rules.TellRefused(_context.Loop.Index, id, state.Definition, connection.Peer, reason);
        if (_context.Records is { } records)
        {
            SessionRecord record = new()
            {
                Id = id,
                StartedUtcTicks = _context.Loop.UtcNow.UtcTicks,
                Service = state.Definition,
                Listener = Address.Text,
                Peer = connection.Peer,
                Client = connection.Peer,
                UpstreamIndex = -1,
                ConnectUs = -1,
                Reason = reason,
                // The client itself is counted, as in the record of a session.
                ProcessSessions = _context.Limits.Sessions.AtTick(_context.Loop.Index, _context.Loop.Ticks) + (inProcess ? 0 : 1),
                ServiceSessions = state.Sessions.AtTick(_context.Loop.Index, _context.Loop.Ticks) + (inService ? 0 : 1),
            };
            if (!records.TryWrite(record)) _context.CountDropped(state);
        }
    }
}
