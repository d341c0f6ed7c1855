using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// The steps that an operator wants to see of this session. Callers ask <see cref="_steps"/> first, which is null for nearly every session:
/// one test that the processor predicts.
/// </content>
internal sealed partial class Session
{
    private StepRing? _steps;
    // Of each direction: what was told of it.
    private (bool Bytes, bool Splice, bool End) _toldFromClient;
    private (bool Bytes, bool Splice, bool End) _toldFromUpstream;

    /// <summary>A rule may mean this session: its client was accepted, or its balancer has named another one.</summary>
    private void BeginSteps(StepRules rules)
    {
        if (!rules.Match(ServiceName, ClientEnd) || !_context.Steps.TryEnter()) return;
        _steps = rules.RingOf(_context.Loop.Index);
        _toldFromClient = _toldFromUpstream = default;
        Tell(new SessionStep { Kind = SessionStepKind.Accepted, Peer = _peer });
    }

    /// <summary>The balancer's header is whole.</summary>
    private void TellHeaderRead()
    {
        if (_steps is null && _context.Steps.Rules is { } rules) BeginSteps(rules);
        if (_steps is not null) Tell(new SessionStep { Kind = SessionStepKind.HeaderRead, Peer = _peer });
    }

    private void TellAttempting(UpstreamAddress address, InetEndPoint source) => Tell(new SessionStep
    {
        Kind = SessionStepKind.Attempting, UpstreamIndex = _attempt.Place.Upstream, Address = address, Peer = source,
    });

    private void TellAttempted(AttemptPlace place, UpstreamAddress? address, AttemptOutcome outcome, long tookUs) => Tell(new SessionStep
    {
        Kind = SessionStepKind.Attempted,
        UpstreamIndex = place.Upstream,
        Address = address,
        Outcome = outcome,
        TookUs = tookUs,
    });

    private void TellHeaderSent(int bytes) =>
        Tell(new SessionStep { Kind = SessionStepKind.HeaderSent, Mode = _mode, Bytes = bytes });

    /// <summary>After a move: what is new in the direction.</summary>
    private void TellMove(RelayDirection direction, bool fromClient)
    {
        ref (bool Bytes, bool Splice, bool End) told = ref fromClient ? ref _toldFromClient : ref _toldFromUpstream;
        EndParty from = fromClient ? EndParty.Client : EndParty.Upstream;
        if (!told.Bytes && direction.Bytes > 0)
        {
            told.Bytes = true;
            Tell(new SessionStep { Kind = SessionStepKind.FirstBytes, From = from, Bytes = direction.Bytes });
        }
        if (!told.Splice && direction.Splices)
        {
            told.Splice = true;
            Tell(new SessionStep { Kind = SessionStepKind.Spliced, From = from, Bytes = direction.Bytes });
        }
        if (!told.End && direction.HasEnded)
        {
            told.End = true;
            Tell(new SessionStep { Kind = SessionStepKind.HalfClosed, From = from, Bytes = direction.Bytes });
        }
    }

    private void CloseSteps(EndReason reason)
    {
        Tell(new SessionStep
        {
            Kind = SessionStepKind.Closed, Reason = reason, Bytes = _fromClient.Bytes, BytesFromUpstream = _fromUpstream.Bytes,
        });
        _steps = null;
        _context.Steps.Leave();
    }

    /// <param name="step">What is common to all is set here.</param>
    private void Tell(SessionStep step)
    {
        step.Id = Id;
        step.SinceUs = _context.Loop.NowUs - _startedUs;
        step.Service = _service!;
        step.Client = ClientEnd;
        if (step.Kind is not (SessionStepKind.Attempting or SessionStepKind.Attempted)) step.UpstreamIndex = -1;
        _steps!.Write(step);
    }
}
