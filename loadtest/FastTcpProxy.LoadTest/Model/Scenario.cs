using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Model;

/// <summary>
/// One load test: a name, how its stage is set up, and what is expected of it. It knows nothing of what runs it. Immutable; any thread.
/// </summary>
public abstract class Scenario
{
    /// <summary>As the command line calls it.</summary>
    public abstract string Name { get; }

    /// <summary>What it shows, in one line.</summary>
    public abstract string Summary { get; }

    /// <summary>Arrivals a second, unless the command line says another number; of a closed model the copies that run at a time.</summary>
    public abstract int Rate { get; }

    /// <summary>How long arrivals continue in the full run. A scenario of several phases divides it among them.</summary>
    public virtual TimeSpan Duration => TimeSpan.FromSeconds(60);

    /// <summary>
    /// The shortest duration whose phases all have arrivals, in whole seconds. A shorter run would lack figures of its own thresholds, so
    /// it is refused.
    /// </summary>
    /// <param name="options">The connect timeout counts, the duration does not.</param>
    public abstract TimeSpan DurationMinOf(LoadOptions options);

    /// <summary>The memory limit of the proxy in MiB, unless the command line says another one; null: none.</summary>
    public virtual int? MemoryMib => null;

    /// <summary>What it needs of the machine at a rate; looked at before it starts.</summary>
    public abstract Needs NeedsOf(LoadOptions options);

    /// <summary>What must hold of a run, unless a file says otherwise. Generous: they hold on a busy machine of two cores.</summary>
    public abstract IReadOnlyList<Threshold> ThresholdsOf(LoadOptions options);

    /// <summary>Starts the proxy, the upstreams, and all else that the steps need.</summary>
    /// <exception cref="StageException">Something cannot be had here; the message says what, and what to do.</exception>
    public abstract Task<IStage> SetUpAsync(LoadOptions options);
}
