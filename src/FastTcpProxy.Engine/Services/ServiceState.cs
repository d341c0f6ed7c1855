using System.Collections.Immutable;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Services;

/// <summary>
/// A running service: the definition in force, and how many sessions it has. Any thread; the definition is swapped whole by
/// <see cref="Publish"/>, and a session reads it once, when it begins.
/// </summary>
public sealed class ServiceState
{
    private ServiceDefinition _definition;
    private readonly PerLoop<uint> _sourceTurns = new();
    private readonly PerLoop<HedgeBudget> _hedges = new();
    private readonly Lock _counting = new();
    private MetricsRegistry? _registry;
    private GuardState? _guards;
    private MetricsNumber? _number;

    // Those of its upstreams that are not in the definition too.
    private ImmutableArray<UpstreamDefinition> _known = [];

    public ServiceState(ServiceDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        _definition = definition;
        Sessions.Max = definition.SessionsMax;
    }

    public ServiceDefinition Definition => Volatile.Read(ref _definition);

    /// <summary>How many sessions the service has now.</summary>
    public SessionCount Sessions { get; } = new();

    /// <summary>As the guards know it.</summary>
    public GuardedService Guarded { get; } = new();

    /// <summary>The number of its blocks.</summary>
    internal int Number => _number?.Value ?? MetricsRegistry.Nameless;

    /// <summary>Puts a new definition in force for the sessions that begin from now on. The name stays.</summary>
    public void Publish(ServiceDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (definition.Name != Definition.Name) throw new ArgumentException("a service keeps its name", nameof(definition));
        lock (_counting)
        {
            // Before a loop can see them.
            CountUpstreams(definition.Upstreams);
            _guards?.Prepare(definition.Guards);
            Volatile.Write(ref _definition, definition);
        }
        Sessions.Max = definition.SessionsMax;
    }

    /// <summary>Names all upstreams that it has, those that no client gets to now too: these are checked, and counted.</summary>
    public void Know(ImmutableArray<UpstreamDefinition> upstreams)
    {
        lock (_counting)
        {
            _known = upstreams;
            CountUpstreams(upstreams);
        }
    }

    /// <summary>Counts it, and its upstreams, in the engine that is about to serve it. Any thread but a loop; once.</summary>
    /// <param name="registry">Where it is counted.</param>
    /// <param name="guards">What judges its clients; null: nothing of what they share.</param>
    internal void CountIn(MetricsRegistry registry, GuardState? guards = null)
    {
        lock (_counting)
        {
            if (_registry is not null) return;
            _guards = guards;
            guards?.Prepare(Definition.Guards);
            _registry = registry;
            _number = registry.Take(Definition.Name);
            Guarded.Number(Number);
            CountUpstreams(Definition.Upstreams);
            CountUpstreams(_known);
        }
    }

    private void CountUpstreams(ImmutableArray<UpstreamDefinition> upstreams)
    {
        if (_registry is null) return;
        foreach (UpstreamDefinition upstream in upstreams) upstream.Activity.CountIn(_registry, Definition.Name, upstream.Name);
    }

    /// <summary>The second attempts that the loop's sessions may start. Inside the loop.</summary>
    internal ref HedgeBudget Hedges(int loop) => ref _hedges[loop];

    /// <summary>
    /// Where the turn through the source addresses stands. Each loop has its own, and begins one address after the loop before it, so that
    /// the first connects are spread as well.
    /// </summary>
    internal uint NextSource(int loop) => (uint)loop + _sourceTurns[loop]++;
}
