using System.Text;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>A run, or several side by side, as Markdown. Pure.</summary>
internal static class MarkdownReport
{
    public static string Write(RunResult run, IReadOnlyList<Verdict> verdicts)
    {
        StringBuilder text = new();
        text.Append($"## {Escape(run.Scenario)}\n\n{Escape(run.Summary)}\n\n{Escape(run.Proxy)}; {Escape(run.Machine)}; {ReportRows.When(run)}; latencies from the intended start.\n\n    {run.Command.ReplaceLineEndings(" ")}\n\n");
        Table(text, ReportRows.PhaseHeadings, ReportRows.Phases(run));
        text.Append('\n');
        Table(text, ["figure", "value", "unit"], run.Figures.Select(f => (string[])[f.Name, ReportRows.Number(f.Value), f.Unit]));
        if (verdicts.Count > 0) text.Append('\n');
        foreach (Verdict verdict in verdicts) text.Append($"- {(verdict.IsOk ? "holds" : "**breached**")}: {Escape(verdict.Text)}\n");
        if (!run.Notes.IsEmpty) text.Append('\n');
        foreach (string note in run.Notes) text.Append($"- {Escape(note)}\n");
        return text.ToString();
    }

    /// <summary>Runs of one scenario against several proxies: a row for each phase of the clients, and for each proxy its times.</summary>
    public static string Compare(IReadOnlyList<RunResult> runs)
    {
        StringBuilder text = new();
        text.Append("Each cell: p50 / p99 / longest in ms; errors; seconds until the last client that waited more than 250 ms or failed.\n\n");
        string[] phases = [.. runs.SelectMany(r => r.Phases).Where(p => p.Series == Recorder.Clients).Select(p => p.Phase).Distinct()];
        Table(text, ["phase", .. runs.Select(r => r.Proxy)], phases.Select(phase => (string[])[phase, .. runs.Select(r => Cell(r, phase))]));
        return text.ToString();
    }

    private static string Cell(RunResult run, string phase) => run.Phases.FirstOrDefault(p => p.Series == Recorder.Clients && p.Phase == phase) is not { } p
        ? "none"
        : $"{ReportRows.Ms(p.P50Ms)} / {ReportRows.Ms(p.P99Ms)} / {ReportRows.Ms(p.MaxMs)}; {(p.Errors == 0 ? "none" : ReportRows.Whole(p.Errors))} of {ReportRows.Whole(p.Count)}; {ReportRows.Number(p.LastSlowSeconds)} s";

    private static void Table(StringBuilder text, string[] headings, IEnumerable<string[]> rows)
    {
        text.Append($"| {string.Join(" | ", headings.Select(Escape))} |\n|---{string.Concat(Enumerable.Repeat("|---:", headings.Length - 1))}|\n");
        foreach (string[] row in rows) text.Append($"| {string.Join(" | ", row.Select(Escape))} |\n");
    }

    /// <summary>What could end a cell, begin a tag or a line.</summary>
    private static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
