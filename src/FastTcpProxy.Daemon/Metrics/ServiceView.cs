using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// A service that runs, or of which sessions or earlier processes have still counts, and its upstreams. Immutable but for the counts,
/// which its <see cref="MetricsView"/> reads anew.
/// </summary>
internal sealed class ServiceView
{
    private static readonly ServiceMetrics Uncounted = new("", default, []);

    private readonly string _name;
    private readonly ImmutableArray<UpstreamMetrics> _countedUpstreams;

    /// <param name="counted">Null: nothing is counted of it.</param>
    /// <param name="rotation">How its upstreams are tried; null: it is not configured any more.</param>
    public ServiceView(string name, ServiceMetrics? counted, Rotation? rotation)
    {
        _name = name;
        Counted = counted;
        _countedUpstreams = UpstreamsOf(counted);
        Rotation = rotation;
        Labels = new LabelText(("service", name));
        Upstreams = MakeUpstreams();
    }

    /// <summary>Null: nothing is counted of it.</summary>
    public ServiceMetrics? Counted { get; }

    public ref readonly ServiceCounts Counts => ref (Counted ?? Uncounted).Counts;

    public LabelText Labels { get; }

    /// <summary>Connects to its upstreams that are under way.</summary>
    public long Pending => Upstreams.Sum(static u => u.Counts.Pending);

    /// <summary>How its upstreams are tried; null: it is not configured any more.</summary>
    public Rotation? Rotation { get; }

    /// <summary>In the order in which they are tried, and then those that are not configured any more.</summary>
    public ImmutableArray<UpstreamView> Upstreams { get; }

    /// <summary>Whether all of it is the same, but for counts that were read into it anew.</summary>
    public bool IsOf(string name, ServiceMetrics? counted, Rotation? rotation) =>
        name == _name && ReferenceEquals(counted, Counted) && ReferenceEquals(rotation, Rotation)
        && UpstreamsOf(counted) == _countedUpstreams;

    private static ImmutableArray<UpstreamMetrics> UpstreamsOf(ServiceMetrics? counted) => counted?.Upstreams ?? [];

    private ImmutableArray<UpstreamView> MakeUpstreams()
    {
        Dictionary<string, UpstreamMetrics> byName =
            _countedUpstreams.ToDictionary(u => u.Name.Length == 0 ? MetricsSource.Removed : u.Name, StringComparer.Ordinal);
        LocalPorts? ports = Rotation is null ? null : LocalPorts.Of(Rotation.Configuration.Settings);
        ImmutableArray<UpstreamView>.Builder upstreams = ImmutableArray.CreateBuilder<UpstreamView>();
        foreach (Place place in Rotation is null ? [] : Rotation.Places)
        {
            byName.Remove(place.Configuration.Name, out UpstreamMetrics? counts);
            upstreams.Add(new UpstreamView(Label(place.Configuration.Name), counts, place,
                place.Configuration.Address.Path is null ? ports : null));
        }
        foreach ((string name, UpstreamMetrics left) in byName) upstreams.Add(new UpstreamView(Label(name), left, null, null));
        return upstreams.ToImmutable();
    }

    private LabelText Label(string upstream) => new(("service", _name), ("upstream", upstream));
}

/// <summary>An upstream of a service. Immutable but for its counts.</summary>
/// <param name="counted">Null: nothing is counted of it.</param>
/// <param name="place">Null: it is not configured any more.</param>
internal sealed class UpstreamView(LabelText labels, UpstreamMetrics? counted, Place? place, LocalPorts? ports)
{
    private static readonly UpstreamMetrics Uncounted = new("", default, default);

    private readonly UpstreamMetrics _counted = counted ?? Uncounted;

    public ref readonly UpstreamCounts Counts => ref _counted.Counts;

    public ref readonly CheckCounts Checks => ref _counted.Checks;

    public LabelText Labels => labels;

    public Place? Place => place;

    /// <summary>Those of its service.</summary>
    public ServiceSettings? Settings => place?.Upstream.Service.Configuration.Settings;

    /// <summary>Those of its service; null where it has none: a UNIX socket, or one that is not configured any more.</summary>
    public LocalPorts? Ports => ports;

    /// <summary>As of now. Null: no check is configured.</summary>
    public UpstreamHealth? Health => place?.Upstream.Health is { IsChecked: true } health ? health : null;
}
