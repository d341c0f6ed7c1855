using System.Collections.Immutable;
using static FastTcpProxy.Engine.Outcomes.EndCause;
using static FastTcpProxy.Engine.Outcomes.EndParty;

namespace FastTcpProxy.Engine.Outcomes;

/// <summary>
/// All reasons for which a session can end, with a dense number for each, by which they are counted. Immutable, any thread.
/// </summary>
public static class EndReasons
{
    /// <summary>How many numbers there are: one for each of <see cref="All"/>, and <see cref="Unlisted"/>.</summary>
    public const int Count = 53;

    /// <summary>The number of a reason that is not in the list: that is a defect, and it is counted nevertheless.</summary>
    public const int Unlisted = Count - 1;

    private const int Phases = 4, Causes = 64;

    /// <summary>The reasons, by their numbers.</summary>
    public static ImmutableArray<EndReason> All { get; } =
    [
        .. Of(Proxy, EndPhase.Guard, LimitReached, NotTrusted, Denied, NotAllowed, SourceSessions, SourceRate, Banned, TotalRate,
            PendingConnects, Fault),
        .. Of(Client, EndPhase.Header, Reset, Closed, InvalidHeader, HeaderTooLong),
        .. Of(Proxy, EndPhase.Header, TimedOut, NoBuffer, NoMemory, Fault),
        .. Of(Operator, EndPhase.Header, Drained, Killed, Denied, ListenerRemoved),
        .. Of(Client, EndPhase.Connect, Reset, Closed),
        .. Of(Upstream, EndPhase.Connect, Refused, TimedOut, Unreachable, Unresolved, Failed),
        .. Of(Proxy, EndPhase.Connect, NoLocalPort, NoDescriptor, NoMemory, NoUpstream, Fault),
        .. Of(Operator, EndPhase.Connect, Drained, Killed, Denied, ListenerRemoved),
        .. Of(Client, EndPhase.Relay, Ended, Reset),
        .. Of(Upstream, EndPhase.Relay, Ended, Reset),
        .. Of(Proxy, EndPhase.Relay, NoBuffer, NoMemory, Idle, HalfClosed, UpstreamDown, Fault),
        .. Of(Operator, EndPhase.Relay, Drained, Killed, Denied, ListenerRemoved),
    ];

    private static readonly ImmutableArray<byte> Numbers = MakeNumbers();

    /// <summary>The reason's number, from 0 to below <see cref="Count"/>.</summary>
    public static int NumberOf(EndReason reason)
    {
        int place = PlaceOf(reason);
        return (uint)place < (uint)Numbers.Length ? Numbers[place] : Unlisted;
    }

    private static int PlaceOf(EndReason reason) =>
        (int)reason.Cause < Causes ? (((int)reason.Party * Phases) + (int)reason.Phase) * Causes + (int)reason.Cause : -1;

    private static IEnumerable<EndReason> Of(EndParty party, EndPhase phase, params EndCause[] causes) =>
        causes.Select(c => new EndReason(party, phase, c));

    private static ImmutableArray<byte> MakeNumbers()
    {
        byte[] numbers = new byte[4 * Phases * Causes];
        numbers.AsSpan().Fill(Unlisted);
        for (int i = 0; i < All.Length; i++) numbers[PlaceOf(All[i])] = (byte)i;
        return [.. numbers];
    }
}
