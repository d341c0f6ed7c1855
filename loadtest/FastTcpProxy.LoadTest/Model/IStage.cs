using System.Collections.Immutable;

namespace FastTcpProxy.LoadTest.Model;

/// <summary>
/// A scenario that is set up. A runner starts <see cref="DriveAsync"/> with the first arrival, and disposes the stage; it owns its
/// processes and sockets.
/// </summary>
public interface IStage : IAsyncDisposable
{
    /// <summary>When steps begin.</summary>
    ImmutableArray<ArrivalSegment> Arrivals { get; }

    /// <summary>
    /// One arrival, from its start to its end. Any number at a time, any thread. A network event is an outcome, not an exception.
    /// </summary>
    /// <param name="stop">The run was given up.</param>
    Task<StepResult> StepAsync(CancellationToken stop);

    /// <summary>What happens besides the arrivals: faults and their ends, reloads, observers. Called once.</summary>
    /// <param name="record">Where phases are announced and observations go.</param>
    /// <param name="arrivalsEnded">Fires when the last step has ended. Observers end then.</param>
    Task DriveAsync(IRecord record, CancellationToken arrivalsEnded);

    /// <summary>What the report must say of the set-up: what could not be had.</summary>
    ImmutableArray<string> Notes => [];

    /// <summary>The proxy's process, which the runner looks at each second.</summary>
    int ProxyProcessId { get; }
}
