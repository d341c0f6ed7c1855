using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Sessions;

/// <content>
/// The queue of a UNIX socket is full: there is nothing to wait on, so the connect is tried again by the session's timer, within the
/// connect timeout and the total one, and the client is polled meanwhile as in any slow connect. All tries are one attempt. Nothing of
/// it is in flight, so a session that does not wait longer than the hedge delay leaves it, and comes back to it at the end of the list.
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

    /// <summary>The next address has its turn first. A probe has found out what it was for.</summary>
    private void LeaveFullQueue()
    {
        if (_attempt.Probe != 0) _context.Evidence.OnSilent(_service!, UpstreamOf(_attempt), _upstreamAddress!, ref _attempt);
        _cursor.PutOff(_attempt.Place);
        FailAttempt(FailureTable.TimedOut);
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
