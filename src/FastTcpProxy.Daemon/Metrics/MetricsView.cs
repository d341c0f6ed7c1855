using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// All that is exported, at about one moment. It is filled anew for each scrape or export, and keeps what names and configuration make of
/// it: with a thousand upstreams that takes longer than their counts. One reader at a time.
/// </summary>
/// <param name="giveBack">Takes it from a reader that is done with it.</param>
internal sealed class MetricsView(Action<MetricsView>? giveBack = null) : IDisposable
{
    private ImmutableArray<LoopCounts> _loops = [];

    /// <summary>Where the counts are read into.</summary>
    public MetricsSum Sum { get; } = new();

    /// <summary>The one.</summary>
    public ImmutableArray<ProcessView> Process { get; private set; } = [];

    public ImmutableArray<LoopView> Loops { get; private set; } = [];

    public ImmutableArray<ServiceView> Services { get; private set; } = [];

    /// <summary>Those of all services.</summary>
    public ImmutableArray<UpstreamView> Upstreams { get; private set; } = [];

    /// <summary>Brings counts and state together by name. A series of what has not been counted yet is 0, and not absent.</summary>
    public void Fill(MetricsSnapshot counted, ImmutableArray<ActiveService> running, ProcessView process)
    {
        Process = [process];
        // The same array has other counts by now.
        if (counted.Loops != _loops) Loops = [.. counted.Loops.Select((_, i) => new LoopView(i, counted.Loops))];
        _loops = counted.Loops;
        Dictionary<string, ServiceMetrics> byName = counted.Services.ToDictionary(s => s.Name, StringComparer.Ordinal);
        ImmutableArray<ServiceView>.Builder services = ImmutableArray.CreateBuilder<ServiceView>();
        foreach (ActiveService service in running)
        {
            byName.Remove(service.Name, out ServiceMetrics? counts);
            services.Add(ViewOf(services.Count, service.Name, counts, service.Rotation));
        }
        foreach (ServiceMetrics left in byName.Values) services.Add(ViewOf(services.Count, left.Name, left, null));
        if (HasCounts(counted.Departed)) services.Add(ViewOf(services.Count, MetricsSource.Removed, counted.Departed, null));
        if (services.SequenceEqual(Services)) return;
        Services = services.ToImmutable();
        Upstreams = [.. Services.SelectMany(s => s.Upstreams)];
    }

    public void Dispose() => giveBack?.Invoke(this);

    /// <summary>The one that there is, where only its counts are others.</summary>
    private ServiceView ViewOf(int place, string name, ServiceMetrics? counts, Rotation? rotation) =>
        place < Services.Length && Services[place].IsOf(name, counts, rotation) ? Services[place] : new ServiceView(name, counts, rotation);

    private static bool HasCounts(ServiceMetrics service) =>
        service.Counts.Accepted != 0 || service.Upstreams.Any(u => u.Counts.Attempts.Sum != 0 || u.Checks.Duration.Count != 0);
}

/// <summary>A loop. Immutable but for its counts.</summary>
/// <param name="number">From 0.</param>
/// <param name="counts">Of all loops.</param>
internal sealed class LoopView(int number, ImmutableArray<LoopCounts> counts)
{
    public ref readonly LoopCounts Counts => ref counts.ItemRef(number);

    public LabelText Labels { get; } = new(("loop", number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
}
