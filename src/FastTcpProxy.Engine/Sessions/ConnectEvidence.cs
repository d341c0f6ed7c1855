using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>
/// What a connect says of its address: of sessions and of observers alike. Where nothing is suspected it says how long connects take, and
/// nothing of the standing. Belongs to one loop; an address's standing is shared by all.
/// </summary>
internal sealed class ConnectEvidence(LoopContext context)
{
    /// <summary>There was no answer within the time that connects to the address take.</summary>
    public void OnSilent(ServiceDefinition service, UpstreamDefinition upstream, UpstreamAddress address, ref ConnectAttempt attempt)
    {
        attempt.SilentDueMs = long.MaxValue;
        attempt.WasSilent = true;
        if (service.Suspect is not { } suspect) return;
        long probe = attempt.Probe;
        attempt.Probe = 0;
        bool isHeld = address.Standing.Silent(context.Loop.CoarseSharedMs, suspect.Terms, service.RampMs, probe);
        if (!isHeld || probe != 0) return;
        attempt.MadeSuspect = true;
        context.Loop.Metrics.Upstream(upstream.Activity.Number).Suspected++;
    }

    /// <summary>The attempt has ended.</summary>
    public void OnEnd(ServiceDefinition service, UpstreamDefinition upstream, UpstreamAddress address, ref ConnectAttempt attempt,
        Failure failure, long tookUs)
    {
        // The time of all attempts together may be over before this one's.
        bool hadTime = attempt.WasSilent || context.Loop.CoarseNowMs >= Math.Min(attempt.SilentDueMs, attempt.DeadlineMs);
        bool isSuspected = service.Suspect is not null;
        attempt.SilentDueMs = long.MaxValue;
        switch (failure.Outcome)
        {
            case AttemptOutcome.Connected:
                // A gap of this process is no time that the upstream took.
                long hadUs = (context.Loop.NowMs - attempt.StartedMs + 1) * 1_000;
                bool wasHeld = isSuspected && attempt.WasSilent && address.Standing.Answered(context.Loop.CoarseSharedMs);
                address.AddConnectTime(context.Loop.Index, Math.Min(tookUs, hadUs), tellsAll: wasHeld);
                if (isSuspected && !attempt.WasSilent) address.Standing.Accepted(context.Loop.CoarseSharedMs);
                break;
            case AttemptOutcome.TimedOut when !hadTime:
                LoseProbe(address, ref attempt);
                break;
            case AttemptOutcome.TimedOut:
                if (!attempt.WasSilent) OnSilent(service, upstream, address, ref attempt);
                break;
            case AttemptOutcome.Superseded or AttemptOutcome.Abandoned:
                LoseProbe(address, ref attempt);
                break;
            case AttemptOutcome.Refused:
                // A refusal is an answer. One that came late may be a firewall's, which says nothing new.
                if (isSuspected && !attempt.WasSilent) address.Standing.Answered(context.Loop.CoarseSharedMs);
                break;
            default:
                // That there is no way to it does not come from the upstream. The neighbour discovery of this machine (arp(7)) says so of
                // a dead server, to whichever clients connect just before it gives up.
                if (failure.IsOwnLack) LoseProbe(address, ref attempt);
                else if (attempt.Probe != 0) OnSilent(service, upstream, address, ref attempt);
                break;
        }
    }

    private void LoseProbe(UpstreamAddress address, ref ConnectAttempt attempt)
    {
        if (attempt.Probe == 0) return;
        address.Standing.ProbeLost(context.Loop.CoarseSharedMs, attempt.Probe);
        attempt.Probe = 0;
    }
}
