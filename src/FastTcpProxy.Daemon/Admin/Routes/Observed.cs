using FastTcpProxy.Control.Health;
using FastTcpProxy.Daemon.Metrics;

namespace FastTcpProxy.Daemon.Admin.Routes;

/// <summary>What was seen of clients as of the last second. Immutable.</summary>
/// <param name="Traffic">What was counted.</param>
/// <param name="Unanswered">The upstreams that end one session after the other without a byte.</param>
internal sealed record Observed(Traffic Traffic,
    IReadOnlyDictionary<(string Service, string Upstream), UnansweredUpstream> Unanswered)
{
    public static Observed Nothing { get; } = new(Traffic.None, new Dictionary<(string, string), UnansweredUpstream>());

    public string? DoubtOf(string service, string upstream) => Unanswered.GetValueOrDefault((service, upstream))?.Text;
}
