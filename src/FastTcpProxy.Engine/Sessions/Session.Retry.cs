using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// The queue of a UNIX socket is full: there is nothing to wait on, so the connect is tried again by the session's timer, within the
/// connect timeout and the total one, and the client is polled meanwhile as in any slow connect. All tries are one attempt.
/// </content>
internal sealed partial class Session
{
    /// <summary>Whether the attempt that has just failed is tried again, and when.</summary>
    /// <param name="beforeMs">The wait before it; 0 for the first try.</param>
    private bool RetryLater(int beforeMs)
    {
        if (ConnectFailure.Next != NextStep.SameAgain) return false;
        CloseUpstream(reset: true);
        _retryMs = FullQueueRetry.NextMs(beforeMs);
        _retryDueMs = _context.Loop.NowMs + _retryMs;
        if (beforeMs == 0) SetDeadlines();
        ScheduleConnectTimer();
        return true;
    }

    private StepResult Retry()
    {
        _retryDueMs = 0;
        switch (StartAttempt(_upstreamAddress!))
        {
            case IoStatus.Pending:
                ScheduleConnectTimer();
                return StepResult.Stay;
            case IoStatus.Done:
                return OnFirstConnected();
        }
        if (RetryLater(_retryMs)) return StepResult.Stay;
        return FailAttempt(ConnectFailure) ? TryNext() : OnListEnded();
    }
}
