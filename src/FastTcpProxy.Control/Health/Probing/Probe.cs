using System.Text.RegularExpressions;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Control.Texts;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>The common part of all probes: one connection, one timeout, and every outcome is a result. On the thread pool, one probe at a
/// time.</summary>
/// <param name="config">The check.</param>
/// <param name="receivedMax">The most bytes that it reads.</param>
/// <param name="time">The clock.</param>
internal abstract class Probe(HealthCheckConfiguration config, int receivedMax, TimeProvider time) : IProbe
{
    /// <summary>Used again for each probe.</summary>
    protected ProbeConnection Connection { get; } = new(time, config.Timeout, receivedMax, EndsInOrder(config));

    /// <summary>What it waits for now.</summary>
    internal ProbePhase Phase => Connection.Phase;

    /// <summary>Why it was ended from this side.</summary>
    internal ProbeEnd End => Connection.End;

    public async Task<ProbeResult> RunAsync(CancellationToken stop)
    {
        ProbeResult result = await RunOnceAsync(stop);
        // The origin, or what lies between, may have given up on a probe that was stopped in the middle: it is asked again.
        return result.IsGood || !Connection.HadGap ? result : await RunOnceAsync(stop);
    }

    public virtual void Dispose() => Connection.Dispose();

    /// <summary>Connects, asks, and judges the answer.</summary>
    protected abstract ValueTask<ProbeOutcome> AskAsync();

    /// <summary>
    /// Whether its connections end in order. Servers log a dialogue that is broken off by a reset. A reset could overtake what was sent
    /// without an expected answer. Right behind a PROXY header, it ends the smtpd of Postfix, which is then not started again for a minute.
    /// </summary>
    private static bool EndsInOrder(HealthCheckConfiguration config) => config.ProxyHeader != CheckProxyHeader.None || config.Type switch
    {
        CheckType.Http => false,
        CheckType.Tcp => !config.Steps.IsEmpty || (!config.Content.IsEmpty && config.Expect.Body is null),
        _ => true,
    };

    private async Task<ProbeResult> RunOnceAsync(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        Connection.Begin(stop);
        ProbeOutcome outcome;
        try
        {
            outcome = await AskAsync();
        }
        catch (RegexMatchTimeoutException e)
        {
            outcome = new(ProbeFailure.Content,
                $"the expression of \"body\" took longer than {e.MatchTimeout.TotalMilliseconds:0} ms for the received bytes");
        }
        catch (Exception e)
        {
            // All that is expected has a name by now: this is a defect, and one that must not end the checks.
            outcome = new(ProbeFailure.Fault, $"{e.GetType().Name}: {e.Message}");
        }
        HeaderSign sign = HeaderSignRule.Of(Connection.Header, outcome.Failure, Connection.Received, Connection.AnswerBegin);
        Connection.Finish();
        if (Connection.End == ProbeEnd.Stopped) throw new OperationCanceledException(stop);
        return new ProbeResult(outcome.Failure, OneLine.Escape(outcome.Text, ProbeResult.TextMax), Connection.Elapsed) { Sign = sign };
    }
}

/// <summary>What came out of a step of a probe.</summary>
/// <param name="Failure">Null: it was good.</param>
/// <param name="Text">Not yet escaped or cut.</param>
internal readonly record struct ProbeOutcome(ProbeFailure? Failure, string Text);
