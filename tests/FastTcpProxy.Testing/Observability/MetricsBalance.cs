using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Testing.Observability;

/// <summary>What must balance in the counts when nothing is under way. Pure.</summary>
public static class MetricsBalance
{
    /// <summary>What does not balance, in words; null: all does.</summary>
    /// <param name="metrics">Of a process that has served for a while and is at rest now.</param>
    public static string? Find(MetricsSnapshot metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return Faults(metrics).FirstOrDefault();
    }

    private static IEnumerable<string> Faults(MetricsSnapshot metrics)
    {
        foreach (ServiceMetrics service in metrics.Services.Append(metrics.Departed))
        {
            ServiceCounts counts = service.Counts;
            string name = service.Name.Length == 0 ? "what has departed" : service.Name;
            if (counts.Active != 0) yield return $"{name}: {counts.Accepted} accepted, {counts.EndedCount} ended";
            long unlisted = counts.Ended[EndReasons.Unlisted];
            if (unlisted != 0) yield return $"{name}: {unlisted} ended for a reason that is not in the list";
            long relayed = counts.Ended.SumOf(r => r.Phase == EndPhase.Relay);
            if (counts.Proxied != relayed + counts.Retried)
                yield return $"{name}: {counts.Proxied} proxied, {relayed} ended in the relay phase, {counts.Retried} retried";
            long invalid = counts.Ended.SumOf(r => r.Cause == EndCause.InvalidHeader), errors = 0;
            foreach (long count in counts.HeaderErrors) errors += count;
            if (errors != invalid) yield return $"{name}: {invalid} invalid headers, {errors} by kind";
            foreach (UpstreamMetrics upstream in service.Upstreams)
            {
                foreach (string fault in Faults(upstream)) yield return $"{name}/{upstream.Name}: {fault}";
            }
        }
        // An upstream leaves alone, and its service stays: the sums of the process are those that balance.
        ServiceCounts services = metrics.AllServices();
        UpstreamCounts upstreams = metrics.AllUpstreams();
        if (services.Proxied != upstreams.SessionsTotal)
            yield return $"{services.Proxied} proxied by services, {upstreams.SessionsTotal} by upstreams";
        if ((services.BytesToUpstreams, services.BytesToClients) != (upstreams.BytesToUpstream, upstreams.BytesToClient))
            yield return $"{services.BytesToUpstreams} and {services.BytesToClients} B by services, "
                + $"{upstreams.BytesToUpstream} and {upstreams.BytesToClient} B by upstreams";
    }

    private static IEnumerable<string> Faults(UpstreamMetrics upstream)
    {
        UpstreamCounts counts = upstream.Counts;
        if (counts.Pending != 0) yield return $"{counts.Pending} connects are pending";
        if (counts.Sessions != 0) yield return $"{counts.Sessions} sessions are counted";
        long connected = counts.Attempts[(int)AttemptOutcome.Connected], failed = counts.Attempts.Sum - connected;
        if ((counts.Connected.Count, counts.Failed.Count) != (connected, failed))
            yield return $"{connected} and {failed} attempts, {counts.Connected.Count} and {counts.Failed.Count} in the histograms";
        if (counts.SessionsTotal != connected) yield return $"{connected} connected, {counts.SessionsTotal} sessions";
        if (counts.FirstByte.Count != counts.Answered)
            yield return $"{counts.FirstByte.Count} first bytes, {counts.Answered} sessions were answered";
        CheckCounts checks = upstream.Checks;
        if (checks.Duration.Count != checks.Good + checks.Bad + checks.Unknown)
            yield return $"{checks.Duration.Count} checks in the histogram, {checks.Good}, {checks.Bad}, {checks.Unknown} by result";
    }
}
