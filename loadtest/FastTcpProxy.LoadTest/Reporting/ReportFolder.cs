using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>
/// All reports of a run in a folder. It holds reports alone: those of an earlier run are replaced, and a folder with anything else is
/// refused. One thread.
/// </summary>
internal static class ReportFolder
{
    /// <summary>Of several proxies side by side.</summary>
    public const string Comparison = "comparison.md";

    /// <summary>What a run writes, by either runner.</summary>
    private static readonly string[] Files =
    [
        "report.txt", "report.md", "phases.csv", "seconds.csv", "report.json", "report.html", "report.csv", "report.tmp", Comparison,
    ];

    /// <summary>How the log of NBomber begins; the day follows.</summary>
    private const string NBomberLog = "nbomber-log-";

    /// <summary>Before the run: a place that cannot be written must not be found when it is over.</summary>
    /// <exception cref="Model.StageException">It cannot be created or written, or holds something else.</exception>
    public static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            if (Other(new DirectoryInfo(folder), mayHaveFolders: true) is { } other)
                throw new Model.StageException($"--report {folder}: it holds {other}, which is no report; name a new or an empty folder");
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

    /// <summary>Moves what NBomber has written into the folder of the reports.</summary>
    /// <exception cref="Model.StageException">There is no report among it.</exception>
    public static void Move(string from, string folder)
    {
        string[] files = Directory.GetFiles(from);
        foreach (string file in files) File.Move(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        if (!files.Any(f => Files.Contains(Path.GetFileName(f))))
            throw new Model.StageException($"--report {folder}: NBomber wrote no report; its log may say why: {folder}/{NBomberLog}*");
    }

    /// <summary>The first entry that no run has written; null: there is none.</summary>
    /// <param name="mayHaveFolders">Of several proxies each has a folder.</param>
    private static string? Other(DirectoryInfo folder, bool mayHaveFolders)
    {
        foreach (FileSystemInfo entry in folder.EnumerateFileSystemInfos())
        {
            bool isReport = entry is DirectoryInfo { LinkTarget: null } inner
                ? mayHaveFolders && Other(inner, mayHaveFolders: false) is null
                : Files.Contains(entry.Name) || entry.Name.StartsWith(NBomberLog, StringComparison.Ordinal);
            if (!isReport) return entry.Name;
        }
        return null;
    }
}
