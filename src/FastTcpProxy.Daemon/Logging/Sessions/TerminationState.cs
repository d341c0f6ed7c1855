using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>
/// The two characters in which HAProxy's TCP log says how a session ended (HAProxy's configuration manual, "Session state at
/// disconnection"): who or what ended it, and what the proxy was waiting for. Pure, any thread.
/// </summary>
internal static class TerminationState
{
    /// <summary>The two characters as ASCII.</summary>
    public static (byte First, byte Second) Of(EndReason reason) =>
        reason.IsSuccess ? ((byte)'-', (byte)'-') : ((byte)First(reason), (byte)Second(reason.Phase));

    private static char First(EndReason reason) => reason.Cause switch
    {
        // What the proxy itself decides: a limit, a peer that may not connect, a header that is none.
        EndCause.LimitReached or EndCause.NotTrusted or EndCause.InvalidHeader or EndCause.HeaderTooLong => 'P',
        EndCause.NoLocalPort or EndCause.NoDescriptor or EndCause.NoMemory or EndCause.NoBuffer => 'R',
        EndCause.Fault => 'I',
        EndCause.Drained or EndCause.Killed or EndCause.ListenerRemoved => 'K',
        // HAProxy names the side whose timer ran out. Before an upstream is asked that is the client's; with both sides silent HAProxy's
        // two timers stand at the same time, and it looks at the client's first.
        EndCause.TimedOut => reason.Phase == EndPhase.Connect ? 's' : 'c',
        EndCause.Idle => 'c',
        // Nearly always it is the client that has ended and the upstream that says nothing.
        EndCause.HalfClosed => 's',
        EndCause.UpstreamDown => 'D',
        EndCause.Refused or EndCause.Unreachable or EndCause.Unresolved or EndCause.Failed or EndCause.NoUpstream => 'S',
        _ => reason.Party switch
        {
            EndParty.Client => 'C',
            EndParty.Upstream => 'S',
            EndParty.Operator => 'K',
            _ => 'P',
        },
    };

    private static char Second(EndPhase phase) => phase switch
    {
        EndPhase.Guard or EndPhase.Header => 'R',
        EndPhase.Connect => 'C',
        _ => 'D',
    };
}
