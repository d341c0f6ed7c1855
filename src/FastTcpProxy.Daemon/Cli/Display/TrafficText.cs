using System.Globalization;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Protocol;
using FastTcpProxy.Daemon.Texts;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>Counts and rates as people read them. Pure, any thread.</summary>
internal static class TrafficText
{
    private static readonly string[] ByteUnits = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>The lines about all services; none from a proxy that does not count yet.</summary>
    public static IEnumerable<string> Process(StatusDocument status)
    {
        if (status.Traffic is not { } all) yield break;
        yield return $"clients: {Number(all.Accepted)} accepted{Rate(all.PerSecond?.Accepted)}, {Number(all.Active)} active, "
            + $"{Number(all.Ended)} ended{Rate(all.PerSecond?.Ended)}, of these {Number(all.Failed)} without an upstream"
            + $"{Rate(all.PerSecond?.Failed)}, {Number(all.Refused)} refused{Rate(all.PerSecond?.Refused)}";
        yield return $"bytes: {Bytes(all.BytesToUpstreams)} to upstreams{ByteRate(all.PerSecond?.BytesToUpstreams)}, "
            + $"{Bytes(all.BytesToClients)} to clients{ByteRate(all.PerSecond?.BytesToClients)}";
        yield return $"attempts: {Number(all.Attempts)}, of these {Number(all.AttemptsFailed)} failed"
            + Rate(all.PerSecond?.AttemptsFailed) + Times("; failover cost", all.FailoverCostMs)
            + Times("; first byte", all.FirstByteMs);
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
            if (Max(status, t => t.FailoverCostMs is null ? 0 : t.FailoverCostMs.P99 ?? double.MaxValue) is { } slow
                && slow.Traffic!.FailoverCostMs!.P99 is null or > 100)
                yield return $"longest failover: {slow.Name}{Times(",", slow.Traffic.FailoverCostMs)}";
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
        + $"{Number(traffic.Refused)} refused; {Bytes(traffic.BytesToUpstreams)} up, {Bytes(traffic.BytesToClients)} down"
        + Times("; failover", traffic.FailoverCostMs);

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

    /// <summary>"512 B", "1.2 MB", in powers of 1000.</summary>
    public static string Bytes(double bytes)
    {
        int unit = 0;
        for (; bytes >= 999.5 && unit + 1 < ByteUnits.Length; unit++) bytes /= 1000;
        return bytes.ToString(unit == 0 || bytes >= 99.95 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + ByteUnits[unit];
    }

    private static string ByteRate(double? perSecond) => perSecond is > 0 and { } rate ? $" ({Bytes(rate)}/s)" : "";

    private static string Times(string what, QuantilesDocument? times) =>
        times is null ? "" : $"{what} p50 {Bound(times.P50)}, p99 {Bound(times.P99)}";

    /// <summary>An upper bound, or more than the longest one.</summary>
    public static string Bound(double? milliseconds) => milliseconds is { } bound ? TimeText.Milliseconds(bound) : "over 30 s";

    private static ServiceDocument? Max(StatusDocument status, Func<TrafficDocument, double> of)
    {
        ServiceDocument? worst = status.Services.Where(s => s.Traffic is not null).MaxBy(s => of(s.Traffic!));
        return worst is not null && of(worst.Traffic!) > 0 ? worst : null;
    }
}
