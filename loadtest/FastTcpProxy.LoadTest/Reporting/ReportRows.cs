using System.Globalization;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>The tables that all reports show, as text. Pure.</summary>
internal static class ReportRows
{
    public static readonly string[] PhaseHeadings = ["phase", "count", "errors", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms",
        "recover s", "fates"];

    /// <summary>In place of a figure that has no value.</summary>
    private const string Unknown = "-";

    /// <summary>Of the clients the phases alone; another series' have its name before them.</summary>
    public static IEnumerable<string[]> Phases(RunResult run) => run.Phases.Select(p => (string[])
    [
        NameOf(p), Whole(p.Count), Whole(p.Errors), Ms(p.P50Ms), Ms(p.P90Ms), Ms(p.P99Ms), Ms(p.P999Ms), Ms(p.MaxMs),
        Number(p.LastSlowSeconds),
        Fates(p),
    ]);

    public static string Fates(PhaseResult phase) =>
        string.Join(", ", phase.Fates.Select(f => $"{f.Value.ToString(CultureInfo.InvariantCulture)} {f.Key.Replace('_', ' ')}"));

    public static string[] FigureHeadings => ["figure", "value", "unit"];

    public static IEnumerable<string[]> Figures(RunResult run) =>
        run.Figures.Select(f => (string[])[f.Name, Number(f.Value), f.Unit]);

    /// <param name="columns">The first ones of the headings.</param>
    public static ReportTable PhaseTable(RunResult run, int columns) => new(PhaseHeadings[..columns], Phases(run), IsText);

    public static ReportTable PhaseTable(RunResult run) => PhaseTable(run, PhaseHeadings.Length);

    public static ReportTable FigureTable(RunResult run) => new(FigureHeadings, Figures(run), IsText);

    public static bool IsText(string heading) => heading is "phase" or "fates" or "figure" or "unit" or "proxy";

    public static string NameOf(PhaseResult phase) => phase.Series == Recorder.Clients ? phase.Phase : $"{phase.Series}: {phase.Phase}";

    public static string Whole(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    public static string Ms(double? ms) => ms?.ToString(ms < 10 ? "0.00" : ms < 100 ? "0.0" : "0", CultureInfo.InvariantCulture) ?? Unknown;

    public static string Number(double? number) => number?.ToString("#,0.###", CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>When it was run and for how long.</summary>
    public static string When(RunResult run) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.StartedAt:yyyy-MM-dd HH:mm:ss}Z, arrivals for {run.DurationSeconds:0.#} s");
}
