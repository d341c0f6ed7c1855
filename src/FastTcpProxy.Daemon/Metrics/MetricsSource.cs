using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>Collects what is exported from those who know it. Any thread but a loop; it keeps nothing, and blocks for no one.</summary>
/// <param name="proxy">What serves.</param>
/// <param name="reload">What puts other configurations in force.</param>
/// <param name="lifecycle">How far the process is.</param>
internal sealed class MetricsSource(RunningProxy proxy, ConfigurationReload reload, Lifecycle lifecycle)
{
    /// <summary>
    /// The service and the upstream of counts whose own have been removed: sums never fall when one is. No configured name has parentheses
    /// around it.
    /// </summary>
    public const string Removed = "(removed)";

    /// <summary>Counts the older processes that drain, and says when the oldest began.</summary>
    public Func<(int Count, DateTimeOffset? OldestStart)> Generations { get; init; } = static () => (0, null);

    /// <summary>
    /// Tells this proxy from others where metrics are collected: by the machine and the configuration file, so that it stays the same over
    /// restarts and take-overs.
    /// </summary>
    public string Instance { get; init; } = Environment.MachineName;

    public MetricsView Read()
    {
        MetricsSnapshot counted = proxy.Engine.Metrics.Read();
        return Compose(counted, proxy.Composer.Services, ReadProcess(counted));
    }

    /// <summary>Brings counts and state together by name. A series of what has not been counted yet is 0, and not absent.</summary>
    internal static MetricsView Compose(MetricsSnapshot counted, ImmutableArray<ActiveService> running, ProcessView process)
    {
        Dictionary<string, ServiceMetrics> byName = counted.Services.ToDictionary(s => s.Name, StringComparer.Ordinal);
        ImmutableArray<ServiceView>.Builder services = ImmutableArray.CreateBuilder<ServiceView>();
        ImmutableArray<UpstreamView>.Builder upstreams = ImmutableArray.CreateBuilder<UpstreamView>();
        foreach (ActiveService service in running)
        {
            byName.Remove(service.Name, out ServiceMetrics? counts);
            Add(service.Name, counts, service);
        }
        foreach (ServiceMetrics left in byName.Values) Add(left.Name, left, null);
        if (HasCounts(counted.Departed)) Add(Removed, counted.Departed, null);
        return new MetricsView
        {
            Process = [process],
            Loops = [.. counted.Loops.Select((l, i) => new LoopView(i, in l))],
            Services = services.ToImmutable(),
            Upstreams = upstreams.ToImmutable(),
        };

        void Add(string name, ServiceMetrics? counts, ActiveService? active)
        {
            ImmutableArray<UpstreamMetrics> countedUpstreams = counts?.Upstreams ?? [];
            ServiceView view = new(name, counts?.Counts ?? default, active)
            {
                Pending = countedUpstreams.Sum(static u => u.Counts.Pending),
            };
            services.Add(view);
            AddUpstreams(upstreams, name, countedUpstreams, view.Rotation);
        }
    }

    private static bool HasCounts(ServiceMetrics service) =>
        service.Counts.Accepted != 0 || service.Upstreams.Any(u => u.Counts.Attempts.Sum != 0 || u.Checks.Duration.Count != 0);

    private static void AddUpstreams(ImmutableArray<UpstreamView>.Builder upstreams, string service,
        ImmutableArray<UpstreamMetrics> counted, Rotation? rotation)
    {
        Dictionary<string, UpstreamMetrics> byName =
            counted.ToDictionary(u => u.Name.Length == 0 ? Removed : u.Name, StringComparer.Ordinal);
        LocalPorts? ports = rotation is null ? null : LocalPorts.Of(rotation.Configuration.Settings);
        foreach (Place place in rotation is null ? [] : rotation.Places)
        {
            byName.Remove(place.Configuration.Name, out UpstreamMetrics? counts);
            Add(place.Configuration.Name, counts, place);
        }
        foreach ((string name, UpstreamMetrics left) in byName) Add(name, left, null);

        void Add(string name, UpstreamMetrics? counts, Place? place) => upstreams.Add(new UpstreamView(
            new LabelText(("service", service), ("upstream", name)), counts?.Counts ?? default, counts?.Checks ?? default, place,
            place?.Configuration.Address.Path is null && place is not null ? ports : null));
    }

    private ProcessView ReadProcess(MetricsSnapshot counted)
    {
        (int generations, DateTimeOffset? oldest) = Generations();
        return new ProcessView(counted.Process)
        {
            Sessions = proxy.Engine.Sessions,
            SessionsMax = reload.Current.Configuration.Engine.MaxSessions,
            DescriptorsMax = proxy.Engine.Descriptors.Limit,
            DescriptorsOpen = DescriptorLimit.CountOpen(),
            BufferBytesMax = proxy.Engine.Budget.BytesMax,
            Reloads = reload.Tally,
            TakeOverDuration = lifecycle.TakeOverDuration,
            Generations = Math.Max(generations, counted.Generations),
            OldestGenerationStart = oldest,
        };
    }
}
