using FastTcpProxy.Engine.Guards;

namespace FastTcpProxy.Engine.Services;

/// <summary>
/// A running service: the definition in force, and how many sessions it has. Any thread; the definition is swapped whole by
/// <see cref="Publish"/>, and a session reads it once, when it begins.
/// </summary>
public sealed class ServiceState
{
    private ServiceDefinition _definition;
    private readonly PerLoop<uint> _sourceTurns = new();

    public ServiceState(ServiceDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        _definition = definition;
        Sessions.Max = definition.SessionsMax;
    }

    public ServiceDefinition Definition => Volatile.Read(ref _definition);

    /// <summary>How many sessions the service has now.</summary>
    public SessionCount Sessions { get; } = new();

    /// <summary>Puts a new definition in force for the sessions that begin from now on. The name stays.</summary>
    public void Publish(ServiceDefinition definition)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (definition.Name != Definition.Name) throw new ArgumentException("a service keeps its name", nameof(definition));
        Volatile.Write(ref _definition, definition);
        Sessions.Max = definition.SessionsMax;
    }

    /// <summary>
    /// Where the turn through the source addresses stands. Each loop has its own, and begins one address after the loop before it, so that
    /// the first connects are spread as well.
    /// </summary>
    internal uint NextSource(int loop) => (uint)loop + _sourceTurns[loop]++;
}
