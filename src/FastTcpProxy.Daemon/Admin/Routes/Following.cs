using FastTcpProxy.Daemon.Logging.Recent;
using FastTcpProxy.Daemon.Logging.Steps;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Records;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>What operators can follow while the process runs: what happened of late, and the steps of chosen sessions. Any thread but a
/// loop.</summary>
/// <param name="events">Keeps what happened.</param>
/// <param name="steps">Lets sessions tell their steps.</param>
/// <param name="log">Gets the steps.</param>
internal sealed class Following(EventRing events, StepTracing steps, SessionIds ids, ILogger log, TimeProvider time)
{
    /// <summary>What happened of late.</summary>
    public EventRing Events { get; } = events;

    /// <summary>Who follows it.</summary>
    public EventStreams Streams { get; } = new();

    /// <summary>Whose sessions tell their steps.</summary>
    public VerboseRules Verbose { get; } = new(steps, log, time);

    /// <summary>Writes the steps until it is cancelled.</summary>
    public Task RunAsync(BackgroundWork background, CancellationToken stop)
    {
        StepLog writer = new(steps, Verbose, ids, log, time);
        return background.Run("steps of sessions", () => writer.RunAsync(stop), stop);
    }
}
