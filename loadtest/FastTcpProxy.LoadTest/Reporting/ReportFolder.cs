using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>All reports of a run in a folder. Files of an earlier run are replaced, others stay.</summary>
internal static class ReportFolder
{
    public static void Write(RunResult run, IReadOnlyList<Verdict> verdicts, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "report.txt"), TextReport.ToText(run, verdicts));
        File.WriteAllText(Path.Combine(folder, "report.md"), MarkdownReport.Write(run, verdicts));
        File.WriteAllText(Path.Combine(folder, "phases.csv"), CsvReport.Phases(run));
        File.WriteAllText(Path.Combine(folder, "seconds.csv"), CsvReport.Seconds(run));
        File.WriteAllText(Path.Combine(folder, "report.json"), JsonReport.Write(run, verdicts));
        File.WriteAllText(Path.Combine(folder, "report.html"), HtmlReport.Write(run, verdicts));
    }
}
