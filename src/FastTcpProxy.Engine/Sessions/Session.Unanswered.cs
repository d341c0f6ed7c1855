using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Relay;
using FastTcpProxy.Engine.Transport;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// A peer that has vanished while bytes to it were unacknowledged. The kernel's own limit (TCP_USER_TIMEOUT) would also end a connection
/// whose peer reads nothing but answers, and would replace the number of keep-alive probes. So the session polls by itself, see ADR 18.
/// Polls begin with a send, and stop with the poll that finds everything acknowledged: an idle session costs none.
/// </content>
internal sealed partial class Session
{
    /// <summary>Polls in the time that an answer may be missing: the session closes later than promised by at most this part of that time,
    /// or <see cref="AnswerCheckMaxMs"/>.</summary>
    private const int AnswerChecks = 8;

    private const int AnswerCheckMinMs = 100;
    private const int AnswerCheckMaxMs = 10_000;

    private int AnswerCheckMs => Math.Clamp(_service!.KeepAlive.UserTimeoutMs / AnswerChecks, AnswerCheckMinMs, AnswerCheckMaxMs);

    /// <summary>Something is sent after everything before it was acknowledged.</summary>
    private void PollForAnswers()
    {
        _unacknowledgedBytes = NotCounted;
        _answersCheckedMs = _context.Loop.CoarseNowMs;
        SchedulePoll(AnswerCheckMs);
    }

    /// <summary>Polls whether a peer has owed an answer for too long, and which one.</summary>
    private EndParty? FindUnanswered(long unsentToClient, long unsentToUpstream)
    {
        long nowMs = _context.Loop.CoarseNowMs;
        // A gap of the process is not held against the peer: the next poll sees what has come meanwhile.
        int elapsedMs = (int)Math.Min(nowMs - _answersCheckedMs, 2 * AnswerCheckMs);
        _answersCheckedMs = nowMs;
        bool client = IsUnanswered(_client!, unsentToClient, _fromUpstream.IsBlocked, ref _toClient, elapsedMs);
        bool upstream = IsUnanswered(_upstream!, unsentToUpstream, _fromClient.IsBlocked, ref _toUpstream, elapsedMs);
        if (client) return EndParty.Client;
        return upstream ? EndParty.Upstream : null;
    }

    /// <param name="isBlocked">Whether a send to it is in flight: it may move between two polls which both find the queue empty.</param>
    private bool IsUnanswered(StreamSocket stream, long unsent, bool isBlocked, ref UnansweredSend peer, int elapsedMs)
    {
        bool wasSentAgain = peer.IsSentAgain;
        int limitMs = _service!.KeepAlive.UserTimeoutMs;
        int missingMs = 0;
        if ((unsent > 0 || isBlocked) && stream.TryGetSendState(out SendState state)) missingMs = peer.Poll(state, elapsedMs);
        else peer.Clear();
        // The kernel gives up by itself after net.ipv4.tcp_retries2 retransmissions: meanwhile it is told to continue for longer than we
        // do. Not with a closed window, for which it counts that time from the first probe on, answered or not.
        if (peer.IsSentAgain != wasSentAgain) stream.SetUserTimeout(peer.IsSentAgain ? limitMs + 2 * AnswerCheckMs : 0);
        return missingMs >= limitMs;
    }
}
