using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>One upstream of a service as the engine uses it. Immutable.</summary>
/// <param name="Name">For records and logs; unique in its service.</param>
/// <param name="Mode">What it is told about the client.</param>
/// <param name="Addresses">Tried in this order; empty while its name is not resolved.</param>
public sealed record UpstreamDefinition(string Name, HeaderMode Mode, ImmutableArray<UpstreamAddress> Addresses)
{
    /// <summary>How many addresses of one name are used; a name that has more is used with its first.</summary>
    public const int AddressesMax = 16;

    /// <summary>Its activity; the same object for all definitions of one upstream, which is what a copy by <c>with</c> gives.</summary>
    public UpstreamActivity Activity { get; init; } = new();
}
