using System.Globalization;
using System.Text;
using FastTcpProxy.Compare.Measurements;

namespace FastTcpProxy.Compare.Reporting;

/// <summary>A report as Markdown. Pure, any thread.</summary>
internal static class MarkdownReport
{
    public static string Render(Report report)
    {
        StringBuilder text = new();
        text.AppendLine("# FastTcpProxy beside its peers").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{report.Date:yyyy-MM-dd HH:mm} UTC. Made by:").AppendLine();
        text.AppendLine("    " + report.Command).AppendLine();
        text.AppendLine("| | |").AppendLine("|---|---|");
        ReportTable.AppendRow(text, ["machine", $"{report.Machine.CpuModel}, {report.Machine.Cpus} CPUs"]);
        ReportTable.AppendRow(text, ["kernel", report.Machine.Kernel]);
        ReportTable.AppendRow(text, ["runtime of the load", report.Machine.Runtime]);
        foreach (var contestant in report.Contestants) ReportTable.AppendRow(text, [contestant.Name, contestant.Version]);
        foreach (var absent in report.Absent) ReportTable.AppendRow(text, [absent.Name, "absent: " + absent.Reason]);
        string ours = report.Contestants[0].Name;
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture,
            $"\"this/ours\" is the cost of a contestant by that of {ours}, the median of the rounds' ratios: above 1, {ours} is cheaper.");
        foreach (string note in report.Notes) text.AppendLine().AppendLine(ReportTable.Escape(note) + ".");
        foreach (Measurement measurement in report.Measurements) Append(text, measurement);
        if (report.Failures.Length > 0)
        {
            text.AppendLine().AppendLine("## Not measured").AppendLine();
            foreach (string failure in report.Failures) text.AppendLine("- " + ReportTable.Escape(failure.ReplaceLineEndings(" ")));
        }
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static void Append(StringBuilder text, Measurement measurement)
    {
        text.AppendLine().AppendLine("## " + ReportTable.Escape(ReportRows.Heading(measurement))).AppendLine();
        ReportRows.Table(measurement).Append(text);
        string[] footnotes = [.. ReportRows.Footnotes(measurement)];
        if (footnotes.Length > 0) text.AppendLine();
        foreach (string footnote in footnotes) text.AppendLine("- " + ReportTable.Escape(footnote));
    }
}
