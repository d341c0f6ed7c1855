using System.Net.Sockets;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// An upstream accepts and resets the connection before it was told anything, and before it has said anything: nothing can happen twice,
/// so the session continues down the list as after a refusal. A header is sent with the join, so this is for raw mode. The attempt stays
/// one that was accepted; the direction from the client stays open, with its wait, and gets another target.
/// </content>
internal sealed partial class Session
{
    /// <summary>How many upstreams of one session are replaced; the next one's reset ends it.</summary>
    internal const int ReplacedMax = 8;

    private bool MayReplaceUpstream(SocketError error) => _service!.RetryOnReset == ResetRetry.BeforeClientBytes
        && error == SocketError.ConnectionReset && _mode == HeaderMode.Raw && _fromClient.IsUntold && _fromUpstream.Bytes == 0
        && _replaced < ReplacedMax && _context.Loop.CoarseNowMs < TotalDeadlineMs && _cursor.HasNext(_service.Upstreams);

    private StepResult ReplaceUpstream()
    {
        _replaced++;
        ServiceCounts.Retried++;
        _failure = FailureTable.Broken.After(_failure);
        CountLeft(_proxiedTo!, FailureTable.Broken.ToReason(EndParty.Upstream, EndPhase.Relay));
        _proxiedTo = null;
        _fromUpstream.Close();
        CloseUpstream(reset: true);
        Become(SessionState.Connecting);
        _clientPollDueMs = _context.Loop.CoarseNowMs + ClientPollMs;
        _hedgeDueMs = long.MaxValue;
        _connectUs = -1;
        _unacknowledgedBytes = NotPolled;
        _toClient = _toUpstream = default;
        return TryNext();
    }
}
