using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Texts;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>Counts and rates as people read them. Pure, any thread.</summary>
internal static class TrafficText
{
    /// <summary>Shorter ones are no failover that a client notices: a busy machine takes as long.</summary>
    private const double NoticedMs = 10;

    /// <summary>Longer ones are named among the worst of all services.</summary>
    private const double WorstMs = 100;

    /// <summary>The lines about all services; none from a proxy that does not count yet.</summary>
    public static IEnumerable<string> Process(StatusDocument status)
    {
        if (status.Traffic is not { } all) yield break;
        yield return $"clients: {Number(all.Accepted)} accepted{Rate(all.PerSecond?.Accepted)}, {Number(all.Active)} active, "
            + $"{Number(all.Ended)} ended{Rate(all.PerSecond?.Ended)}, of these {Number(all.Failed)} without an upstream"
            + $"{Rate(all.PerSecond?.Failed)}, {Number(all.Refused)} refused{Rate(all.PerSecond?.Refused)}";
        yield return $"bytes: {ByteText.Of(all.BytesToUpstreams)} to upstreams{ByteRate(all.PerSecond?.BytesToUpstreams)}, "
            + $"{ByteText.Of(all.BytesToClients)} to clients{ByteRate(all.PerSecond?.BytesToClients)}";
        yield return $"attempts: {Number(all.Attempts)}, of these {Number(all.AttemptsFailed)} failed"
            + Rate(all.PerSecond?.AttemptsFailed) + Failover(all)
            + (all.FirstByteMs is { } first ? $"; first byte p50 {Bound(first.P50)}, p99 {Bound(first.P99)} since the start" : "");
    }

    /// <summary>The worst of each: nothing where only one service or upstream could be it.</summary>
    public static IEnumerable<string> Worst(StatusDocument status)
    {
        if (status.Services.Length > 1)
        {
            if (Max(status, t => t.Failed) is { } failed)
                yield return $"most clients without an upstream: {failed.Name}, {Number(failed.Traffic!.Failed)}";
            if (Max(status, t => t.Refused) is { } refused)
                yield return $"most refusals: {refused.Name}, {Number(refused.Traffic!.Refused)}";
            if (Max(status, CostMs) is { } slow && CostMs(slow.Traffic!) > WorstMs)
                yield return $"longest failover in the last {Seconds(slow.Traffic!)} s: {slow.Name}, p99 "
                    + Bound(slow.Traffic!.PerSecond!.FailoverCostMs!.P99);
        }
        (string Name, long Count) worst = status.Services
            .SelectMany(s => s.Upstreams.Select(u => (Name: $"{s.Name}/{u.Name}", Count: u.Traffic?.AttemptsFailed ?? 0)))
            .MaxBy(u => u.Count);
        if (worst.Count > 0 && status.Services.Sum(s => s.Upstreams.Length) > 1)
            yield return $"most failed attempts: {worst.Name}, {Number(worst.Count)}";
    }

    /// <summary>One service in one line.</summary>
    public static string Service(TrafficDocument traffic) =>
        $"{Number(traffic.Accepted)} accepted{Rate(traffic.PerSecond?.Accepted)}, {Number(traffic.Failed)} without an upstream, "
        + $"{Number(traffic.Refused)} refused; {ByteText.Of(traffic.BytesToUpstreams)} to upstreams, "
        + $"{ByteText.Of(traffic.BytesToClients)} to clients{Failover(traffic)}";

    /// <summary>What failover costs clients now, in milliseconds: of 99 in 100. 0: nothing, or no client came.</summary>
    public static double CostMs(TrafficDocument traffic) =>
        traffic.PerSecond?.FailoverCostMs is { } cost && IsNoticed(cost) ? cost.P99 ?? double.MaxValue : 0;

    /// <summary>What failed at an upstream; null: nothing.</summary>
    public static string? Failures(UpstreamDocument upstream) => upstream.Traffic is { AttemptsFailed: > 0 } traffic
        ? $"{Number(traffic.AttemptsFailed)} of {Counted.Of(traffic.Attempts, "attempt")} failed"
            + Rate(traffic.AttemptsFailedPerSecond)
        : null;

    /// <summary>"12,345".</summary>
    public static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>" (12.5/s)"; nothing where nothing happened or no rate is known.</summary>
    public static string Rate(double? perSecond) => perSecond is > 0 and { } rate ? $" ({PerSecond(rate)}/s)" : "";

    /// <summary>Three digits: "0.05", "1.25", "12.5", "1,250".</summary>
    public static string PerSecond(double rate) =>
        rate.ToString(rate < 10 ? "0.##" : rate < 100 ? "0.#" : "N0", CultureInfo.InvariantCulture);

    /// <summary>An upper bound, or more than the longest one.</summary>
    public static string Bound(double? milliseconds) => milliseconds is { } bound ? $"<={TimeText.Milliseconds(bound)}" : ">30 s";

    private static string ByteRate(double? perSecond) => perSecond is > 0 and { } rate ? $" ({ByteText.Of((long)rate)}/s)" : "";

    /// <summary>What failover costs clients, now and since the start, where they notice.</summary>
    private static string Failover(TrafficDocument traffic)
    {
        if (traffic.FailoverCostMs is not { } ever) return "";
        QuantilesDocument? now = traffic.PerSecond?.FailoverCostMs is { } cost && IsNoticed(cost) ? cost : null;
        if (now is null && !IsNoticed(ever)) return "";
        return "; failover cost p99 " + (now is null ? "" : $"{Bound(now.P99)} in the last {Seconds(traffic)} s, ")
            + $"{Bound(ever.P99)} since the start";
    }

    private static bool IsNoticed(QuantilesDocument times) => times.P99 is null or > NoticedMs;

    private static string Seconds(TrafficDocument traffic) =>
        traffic.PerSecond!.OverSeconds.ToString("0", CultureInfo.InvariantCulture);

    private static ServiceDocument? Max(StatusDocument status, Func<TrafficDocument, double> of)
    {
        ServiceDocument? worst = status.Services.Where(s => s.Traffic is not null).MaxBy(s => of(s.Traffic!));
        return worst is not null && of(worst.Traffic!) > 0 ? worst : null;
    }
}
