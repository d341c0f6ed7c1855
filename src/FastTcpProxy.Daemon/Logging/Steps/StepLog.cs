using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Texts;
using FastTcpProxy.Engine.Records;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Logging.Steps;

/// <summary>
/// Takes the steps of sessions out of the engine's rings and writes each as an event of level debug, and once a second what had to be left
/// out. One task on the thread pool, which waits without a sound while there is no rule.
/// </summary>
internal sealed class StepLog(StepTracing tracing, VerboseRules rules, SessionIds ids, ILogger log, TimeProvider time)
{
    /// <summary>Events a second; more of them would be no help, and push out those of before.</summary>
    public const int EventsPerSecondMax = 500;

    private static readonly TimeSpan Nap = TimeSpan.FromMilliseconds(50), Second = TimeSpan.FromSeconds(1);

    private long _secondBegan;
    private int _written;
    private long _leftOut;
    private long _droppedBefore;
    private long _sessionsBefore;

    /// <summary>Runs until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                // Sessions that have begun tell their steps to the end.
                if (tracing.Sessions == 0) await rules.WaitAsync(stop);
                await Task.Delay(Nap, time, stop);
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <summary>Writes what has come since.</summary>
    internal void Look()
    {
        rules.Expire();
        foreach (StepRing ring in tracing.Rings)
        {
            while (ring.TryRead(out SessionStep step))
            {
                if (_written == EventsPerSecondMax) _leftOut++;
                else Write(in step);
            }
        }
        if (time.GetElapsedTime(_secondBegan) < Second) return;
        TellLeftOut();
        (_secondBegan, _written, _leftOut) = (time.GetTimestamp(), 0, 0);
    }

    private void Write(in SessionStep step)
    {
        _written++;
        string? upstream = step.UpstreamIndex < 0 ? null : step.Service.Upstreams[step.UpstreamIndex].Name;
        (string what, string detail) = StepText.Of(in step);
        Events.SessionStep(log, step.Service.Name, ids.ToText(step.Id), StepText.EndPoint(step.Client),
            TimeText.Milliseconds(step.SinceUs / 1000.0), what, EventPart.Behind(" ", upstream), detail);
    }

    private void TellLeftOut()
    {
        long dropped = tracing.Rings.Sum(r => r.Dropped);
        long sessions = tracing.SessionsLeftOut;
        long steps = _leftOut + dropped - _droppedBefore;
        if (steps > 0 || sessions > _sessionsBefore)
            Events.StepsLeftOut(log, Counted.Of(steps, "step"), EventsPerSecondMax, Counted.Of(sessions - _sessionsBefore, "session"),
                StepTracing.SessionsMax);
        (_droppedBefore, _sessionsBefore) = (dropped, sessions);
    }
}
