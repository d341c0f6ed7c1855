using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// All counts at about one moment: each value is whole, but they are not of one instant. The counts of earlier processes that this one has
/// taken over from are in the sums. Immutable.
/// </summary>
/// <param name="Process">The sum of the loops.</param>
/// <param name="Loops">Each of this process's loops.</param>
/// <param name="Services">The services that there are, by name, and those that sessions or earlier processes still have.</param>
/// <param name="Departed">The sums of services that are gone, and of what found no number.</param>
/// <param name="Generations">Earlier processes that live still, and whose counts are read from their memory.</param>
public sealed record MetricsSnapshot(LoopCounts Process, ImmutableArray<LoopCounts> Loops, ImmutableArray<ServiceMetrics> Services,
    ServiceMetrics Departed, int Generations)
{
    /// <summary>The sum of all services, those that are gone too.</summary>
    public ServiceCounts AllServices()
    {
        ServiceCounts sum = Departed.Counts;
        foreach (ServiceMetrics service in Services) Block.Add(ref sum, service.Counts);
        return sum;
    }

    /// <summary>The sum of all upstreams, those that are gone too.</summary>
    public UpstreamCounts AllUpstreams()
    {
        UpstreamCounts sum = default;
        foreach (ServiceMetrics service in Services.Append(Departed))
        {
            foreach (UpstreamMetrics upstream in service.Upstreams) Block.Add(ref sum, upstream.Counts);
        }
        return sum;
    }
}

/// <summary>The counts of a service. Immutable.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Counts">Its own.</param>
/// <param name="Upstreams">Those of its upstreams, by name.</param>
public sealed record ServiceMetrics(string Name, ServiceCounts Counts, ImmutableArray<UpstreamMetrics> Upstreams);

/// <summary>The counts of an upstream of a service. Immutable.</summary>
/// <param name="Name">As configured.</param>
/// <param name="Counts">Of its sessions and connects.</param>
/// <param name="Checks">Of its checks.</param>
public sealed record UpstreamMetrics(string Name, UpstreamCounts Counts, CheckCounts Checks);
