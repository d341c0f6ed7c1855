using System.Collections.Immutable;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Tests.Reporting;

/// <summary>A run of two phases, an observer beside it, and the bounds it was held to.</summary>
internal static class Samples
{
    /// <summary>What would end a cell, a line, an attribute or a tag in any of the formats.</summary>
    public const string Hostile = "a|b,\"c\"<script>alert(1)</script>&\nd";

    public static readonly RunResult Run = new(
        "failover", "the primary fails", "fasttcpproxy 0.1.0", "2 CPUs; Linux", "run failover --rate 5",
        new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 4,
        [
            Phase("clients", "healthy", 0, 2, 10, 0, 1.5), Phase("clients", "silent", 2, 4, 1_234, 3, 5_012),
            Phase("admin", "silent", 2, 4, 7, 0, 2),
            Phase("clients", "all", 0, 4, 1_244, 3, 5_012),
        ],
        [new FigureResult("memory_max_mib", 64.25, "MiB"), new FigureResult("waiting_connections", 9_000, "connections")],
        [new SecondResult(0, "healthy", 5, 0, 1, 1.5, 2), new SecondResult(1, "healthy", 5, 0, 1, 1.5, 2),
            new SecondResult(2, "silent", 617, 3, 5_001, 5_012, 5_020)],
        [new ProcessSample(0.5, 64 << 20, 0.25, 40), new ProcessSample(1.5, 65 << 20, 0.5, 9_040)],
        ["its SYN packets are dropped"]);

    public static readonly ImmutableArray<Verdict> Verdicts =
        [.. Judge.Of(Run, [new Threshold("silent.p99_ms", Max: 5_250), new Threshold("silent.errors", Max: 0)])];

    public static RunResult WithHostileTexts => Run with
    {
        Scenario = Hostile, Summary = Hostile, Proxy = Hostile, Machine = Hostile, Command = Hostile, Notes = [Hostile],
        Phases = [Run.Phases[0] with { Phase = Hostile }], Figures = [new FigureResult(Hostile, 1, Hostile)],
    };

    private static PhaseResult Phase(string series, string name, double begin, double end, long count, long errors, double p99) => new(
        series, name, begin, end, count, errors, ImmutableSortedDictionary<string, long>.Empty.Add("failed_over", count - errors)
        .Add("reset", errors), 0.5, 1, 1.25, 1.375, p99, p99, p99, 64 * count, 0.75);
}
