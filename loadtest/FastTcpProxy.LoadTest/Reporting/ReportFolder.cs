using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>All reports of a run in a folder. Files of an earlier run are replaced, others stay.</summary>
internal static class ReportFolder
{
    /// <summary>Before the run: a place that cannot be written must not be found when it is over.</summary>
    /// <exception cref="Model.StageException">It cannot be created or written.</exception>
    public static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            string probe = Path.Combine(folder, "report.tmp");
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new Model.StageException($"--report {folder}: {e.Message}", e);
        }
    }

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
