using System.Runtime.InteropServices;
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
    private readonly Dictionary<string, ServiceCounts.EndedCounts> _last = new(StringComparer.Ordinal);

    /// <summary>Nothing is said of these: what earlier processes refused is in their logs.</summary>
    public void Begin(MetricsSnapshot snapshot)
    {
        foreach (ServiceMetrics service in snapshot.Services) _last[service.Name] = service.Counts.Ended;
    }

    public void Report(MetricsSnapshot snapshot)
    {
        foreach (ServiceMetrics service in snapshot.Services)
        {
            ref ServiceCounts.EndedCounts last = ref CollectionsMarshal.GetValueRefOrAddDefault(_last, service.Name, out _);
            ServiceCounts.EndedCounts before = last;
            last = service.Counts.Ended;
            if (service.Counts.Refused != before.SumOf(r => r.Phase == EndPhase.Guard)) Say(service, before);
        }
        if (_last.Count == snapshot.Services.Length) return;
        foreach (string gone in _last.Keys.Except(snapshot.Services.Select(s => s.Name)).ToArray()) _last.Remove(gone);
    }

    private void Say(ServiceMetrics service, ServiceCounts.EndedCounts before)
    {
        (EndReason Reason, long Count)[] refused =
        [
            .. EndReasons.All.Select((reason, i) => (reason, service.Counts.Ended[i] - before[i]))
                .Where(r => r.reason.Phase == EndPhase.Guard && r.Item2 > 0),
        ];
        if (refused.Length == 0) return;
        Events.ClientsRefused(log, service.Name, Counted.Of(refused.Sum(r => r.Count), "client"),
            string.Join(", ", refused.Select(r => refused.Length == 1 ? r.Reason.ToString() : $"{r.Count} {r.Reason}")));
    }
}
