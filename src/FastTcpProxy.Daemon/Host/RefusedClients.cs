using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Host;

/// <summary>
/// Says how many clients of each service admission has refused since the last time, and why: at most one line for each service. Its memory
/// is bounded by the services. One task.
/// </summary>
internal sealed class RefusedClients(ILogger log)
{
    private Dictionary<string, ServiceCounts.EndedCounts>? _last;

    /// <summary>The first time nothing is said: what earlier processes refused is in their logs.</summary>
    public void Report(MetricsSnapshot snapshot)
    {
        Dictionary<string, ServiceCounts.EndedCounts> now = new(StringComparer.Ordinal);
        foreach (ServiceMetrics service in snapshot.Services)
        {
            now[service.Name] = service.Counts.Ended;
            if (_last is null) continue;
            ServiceCounts.EndedCounts before = _last.GetValueOrDefault(service.Name);
            (EndReason Reason, long Count)[] refused =
            [
                .. EndReasons.All.Select((reason, i) => (reason, service.Counts.Ended[i] - before[i]))
                    .Where(r => r.reason.Phase == EndPhase.Guard && r.Item2 > 0),
            ];
            if (refused.Length == 0) continue;
            Events.ClientsRefused(log, service.Name, Counted.Of(refused.Sum(r => r.Count), "client"),
                string.Join(", ", refused.Select(r => refused.Length == 1 ? r.Reason.ToString() : $"{r.Count} {r.Reason}")));
        }
        _last = now;
    }
}
