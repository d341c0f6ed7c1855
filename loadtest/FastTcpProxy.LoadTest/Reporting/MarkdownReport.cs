using System.Text;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>A run, or several side by side, as Markdown. Pure.</summary>
internal static class MarkdownReport
{
    public static string Write(RunResult run, IReadOnlyList<Verdict> verdicts)
    {
        StringBuilder text = new();
        text.Append($"## {ReportTable.Escape(run.Scenario)}\n\n{ReportTable.Escape(run.Summary)}\n"
            + $"\n{ReportTable.Escape(run.Proxy)}; {ReportTable.Escape(run.Machine)}; {ReportRows.When(run)}; "
            + $"latencies from the intended start.\n\n    {run.Command.ReplaceLineEndings(" ")}\n\n");
        ReportRows.PhaseTable(run).Append(text);
        text.Append('\n');
        ReportRows.FigureTable(run).Append(text);
        if (verdicts.Count > 0) text.Append('\n');
        foreach (Verdict verdict in verdicts)
            text.Append($"- {(verdict.IsOk ? "holds" : "**breached**")}: {ReportTable.Escape(verdict.Text)}\n");
        if (!run.Notes.IsEmpty) text.Append('\n');
        foreach (string note in run.Notes) text.Append($"- {ReportTable.Escape(note)}\n");
        return text.ToString();
    }

    /// <summary>Runs of one scenario against several proxies: a row for each phase of the clients, and for each proxy its times.</summary>
    public static string Compare(IReadOnlyList<RunResult> runs)
    {
        StringBuilder text = new();
        text.Append("Each cell: p50 / p99 / longest in ms; errors; seconds until the last client that waited "
            + "more than 250 ms or failed.\n\n");
        string[] phases = [.. runs.SelectMany(r => r.Phases).Where(p => p.Series == Recorder.Clients).Select(p => p.Phase).Distinct()];
        string[] headings = ["phase", .. runs.Select(r => r.Proxy)];
        new ReportTable(headings, phases.Select(phase => (string[])[phase, .. runs.Select(r => Cell(r, phase))]),
            ReportRows.IsText).Append(text);
        return text.ToString();
    }

    private static string Cell(RunResult run, string phase) =>
        run.Phases.FirstOrDefault(p => p.Series == Recorder.Clients && p.Phase == phase) is not { } p
        ? "none"
        : $"{ReportRows.Ms(p.P50Ms)} / {ReportRows.Ms(p.P99Ms)} "
        + $"/ {ReportRows.Ms(p.MaxMs)}; {(p.Errors == 0 ? "none" : ReportRows.Whole(p.Errors))} "
        + $"of {ReportRows.Whole(p.Count)}; {ReportRows.Number(p.LastSlowSeconds)} s";
}
