using System.Text;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.LoadTest.Running;
using Spectre.Console;
using Recorder = FastTcpProxy.LoadTest.Running.Recorder;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>
/// Runs of one scenario against several proxies: a row for each phase of the clients and each proxy. One thread; it owns nothing.
/// </summary>
internal static class ComparisonReport
{
    private const string Legend = "recover s: until the last client that waited more than 250 ms or failed.";

    private static readonly string[] Headings = ["phase", "proxy", "p50 ms", "p99 ms", "max ms", "errors", "count", "recover s"];

    public static void Write(IAnsiConsole console, IReadOnlyList<RunResult> runs)
    {
        console.WriteLine();
        TextReport.WriteTable(console, Table(runs), heading => heading == "proxy");
        console.WriteLine(Legend);
    }

    public static string ToMarkdown(IReadOnlyList<RunResult> runs)
    {
        StringBuilder text = new();
        Table(runs).Append(text);
        text.Append($"\n{Legend}\n");
        return text.ToString();
    }

    private static ReportTable Table(IReadOnlyList<RunResult> runs) => new(Headings,
        from phase in runs.SelectMany(ClientPhases).Select(p => p.Phase).Distinct()
        from run in runs
        let result = ClientPhases(run).FirstOrDefault(p => p.Phase == phase)
        select (string[])
        [
            phase, run.Proxy, ReportRows.Ms(result?.P50Ms), ReportRows.Ms(result?.P99Ms), ReportRows.Ms(result?.MaxMs),
            ReportRows.Whole(result?.Errors ?? 0), ReportRows.Whole(result?.Count ?? 0), ReportRows.Number(result?.LastSlowSeconds),
        ],
        ReportRows.IsText);

    private static IEnumerable<PhaseResult> ClientPhases(RunResult run) => run.Phases.Where(p => p.Series == Recorder.Clients);
}
