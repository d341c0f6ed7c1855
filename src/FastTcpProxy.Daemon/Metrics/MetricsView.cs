using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>All that is exported, at about one moment. Immutable once made; it lives as long as one scrape or export.</summary>
internal sealed class MetricsView
{
    /// <summary>The one.</summary>
    public required ImmutableArray<ProcessView> Process { get; init; }

    public required ImmutableArray<LoopView> Loops { get; init; }

    public required ImmutableArray<ServiceView> Services { get; init; }

    public required ImmutableArray<UpstreamView> Upstreams { get; init; }
}

/// <summary>A loop. Immutable.</summary>
/// <param name="number">From 0.</param>
internal sealed class LoopView(int number, in LoopCounts counts)
{
    /// <summary>Not a property: a block is large.</summary>
    public readonly LoopCounts Counts = counts;

    public LabelText Labels { get; } = new(("loop", number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
}

/// <summary>A service that runs, or of which sessions or earlier processes have still counts. Immutable.</summary>
/// <param name="active">Null: it is not configured any more.</param>
internal sealed class ServiceView(string name, in ServiceCounts counts, ActiveService? active)
{
    public readonly ServiceCounts Counts = counts;

    public LabelText Labels { get; } = new(("service", name));

    /// <summary>Connects to its upstreams that are under way.</summary>
    public required long Pending { get; init; }

    /// <summary>How its upstreams are tried; null: it is not configured any more.</summary>
    public Rotation? Rotation { get; } = active?.Rotation;
}

/// <summary>An upstream of a service. Immutable.</summary>
/// <param name="place">Null: it is not configured any more.</param>
internal sealed class UpstreamView(LabelText labels, in UpstreamCounts counts, in CheckCounts checks, Place? place, LocalPorts? ports)
{
    public readonly UpstreamCounts Counts = counts;

    public readonly CheckCounts Checks = checks;

    public LabelText Labels => labels;

    public Place? Place => place;

    /// <summary>Those of its service.</summary>
    public ServiceSettings? Settings => place?.Upstream.Service.Configuration.Settings;

    /// <summary>Null where it has none: a UNIX socket, or one that is not configured any more.</summary>
    public LocalPorts? Ports => ports;

    /// <summary>Null: no check is configured.</summary>
    public UpstreamHealth? Health { get; } = place?.Upstream.Health is { IsChecked: true } health ? health : null;
}
