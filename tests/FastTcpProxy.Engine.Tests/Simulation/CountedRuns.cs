using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Testing.Observability;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// What must hold of the counts when a run is over: they balance, and say what the records of its clients say. Reads a harness, and takes
/// the records that it has left.
/// </summary>
internal static class CountedRuns
{
    /// <summary>What is wrong, in words; null: nothing.</summary>
    public static string? Find(SessionHarness harness)
    {
        MetricsSnapshot metrics = harness.World.Registry.Read();
        if (MetricsBalance.Find(metrics) is { } fault) return fault;
        harness.Collect();
        List<SessionRecord> records = [.. harness.Clients.SelectMany(c => c.Records)];
        ServiceCounts services = metrics.AllServices();
        // What the ring had no room for.
        if (services.RecordsDropped > 0) return null;
        if (services.Accepted != records.Count) return $"{services.Accepted} accepted, {records.Count} records";
        foreach (IGrouping<EndReason, SessionRecord> ended in records.GroupBy(r => r.Reason))
        {
            long counted = services.Ended[EndReasons.NumberOf(ended.Key)];
            if (counted != ended.Count()) return $"{counted} are counted as {ended.Key}, {ended.Count()} are recorded";
        }
        UpstreamCounts upstreams = metrics.AllUpstreams();
        long attempts = records.Sum(r => r.Attempts.Total);
        if (upstreams.Attempts.Sum != attempts) return $"{upstreams.Attempts.Sum} attempts are counted, {attempts} are recorded";
        (long toUpstreams, long toClients) = (records.Sum(r => r.BytesFromClient), records.Sum(r => r.BytesFromUpstream));
        return (services.BytesToUpstreams, services.BytesToClients) == (toUpstreams, toClients) ? null
            : $"{services.BytesToUpstreams} and {services.BytesToClients} B are counted, {toUpstreams} and {toClients} are recorded";
    }
}
