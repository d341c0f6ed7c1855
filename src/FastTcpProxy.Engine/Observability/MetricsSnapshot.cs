using System.Collections.Immutable;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// All counts at about one moment: each value is whole, but they are not of one instant. The counts of earlier processes that this one has
/// taken over from are in the sums. Immutable, unless its <see cref="MetricsSum"/> is read into again.
/// </summary>
/// <param name="Process">The sum of the loops; its gauges are this process's alone.</param>
/// <param name="Loops">Each of this process's loops.</param>
/// <param name="Services">The services that there are, by name, and those that sessions or earlier processes still have.</param>
/// <param name="Departed">The sums of services and upstreams that are gone, and of what found no number; it has one upstream.</param>
/// <param name="Generations">Earlier processes that live still, and whose counts are read from their memory.</param>
public sealed record MetricsSnapshot(LoopCounts Process, ImmutableArray<LoopCounts> Loops, ImmutableArray<ServiceMetrics> Services,
    ServiceMetrics Departed, int Generations)
{
    /// <summary>The sum of all services, those that are gone too.</summary>
    public ServiceCounts AllServices()
    {
        ServiceCounts sum = Departed.Counts;
        foreach (ServiceMetrics service in Services) Block.Add(ref sum, in service.Counts);
        return sum;
    }

    /// <summary>The sum of all upstreams, those that are gone too.</summary>
    public UpstreamCounts AllUpstreams()
    {
        UpstreamCounts sum = default;
        foreach (ServiceMetrics service in Services.Append(Departed))
        {
            foreach (UpstreamMetrics upstream in service.Upstreams) Block.Add(ref sum, in upstream.Counts);
        }
        return sum;
    }
}

/// <summary>The counts of a service. Immutable once the snapshot is made, unless its <see cref="MetricsSum"/> is read into again.</summary>
public sealed class ServiceMetrics
{
    private ServiceCounts _counts;

    /// <param name="name">As configured.</param>
    /// <param name="counts">Its own.</param>
    /// <param name="upstreams">Those of its upstreams, by name.</param>
    public ServiceMetrics(string name, in ServiceCounts counts, ImmutableArray<UpstreamMetrics> upstreams)
    {
        Name = name;
        _counts = counts;
        Upstreams = upstreams;
    }

    /// <summary>As configured.</summary>
    public string Name { get; }

    /// <summary>Its own.</summary>
    public ref readonly ServiceCounts Counts => ref _counts;

    /// <summary>Those of its upstreams, by name.</summary>
    public ImmutableArray<UpstreamMetrics> Upstreams { get; internal set; }

    internal ref ServiceCounts MutableCounts => ref _counts;
}

/// <summary>The counts of an upstream of a service. As immutable as the service.</summary>
public sealed class UpstreamMetrics
{
    private UpstreamCounts _counts;
    private CheckCounts _checks;

    /// <param name="name">As configured.</param>
    /// <param name="counts">Of its sessions and connects.</param>
    /// <param name="checks">Of its checks.</param>
    public UpstreamMetrics(string name, in UpstreamCounts counts, in CheckCounts checks)
    {
        Name = name;
        _counts = counts;
        _checks = checks;
    }

    /// <summary>As configured.</summary>
    public string Name { get; }

    /// <summary>Of its sessions and connects.</summary>
    public ref readonly UpstreamCounts Counts => ref _counts;

    /// <summary>Of its checks.</summary>
    public ref readonly CheckCounts Checks => ref _checks;

    internal ref UpstreamCounts MutableCounts => ref _counts;

    internal ref CheckCounts MutableChecks => ref _checks;
}
