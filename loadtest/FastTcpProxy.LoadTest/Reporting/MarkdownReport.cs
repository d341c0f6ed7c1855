using System.Text;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>A run as Markdown. Pure.</summary>
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
}
