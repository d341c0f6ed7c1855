using System.Collections.Immutable;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Engine.Services;

/// <summary>
/// A service as the engine serves it: immutable, published as a whole and swapped as a whole. A session keeps the one that it began with.
/// Two are equal when they serve in the same way.
/// </summary>
public sealed record ServiceDefinition : ServiceSettings
{
    public ServiceDefinition()
    {
    }

    /// <param name="settings">Its values.</param>
    public ServiceDefinition(ServiceSettings settings)
        : base(settings)
    {
    }

    public required string Name { get; init; }

    /// <summary>In the order in which they are tried, for every session.</summary>
    public required ImmutableArray<UpstreamDefinition> Upstreams { get; init; }

    public bool Equals(ServiceDefinition? other) => base.Equals(other) && Name == other.Name && Upstreams.SequenceEqual(other.Upstreams);

    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Name);
}
