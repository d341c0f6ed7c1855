using System.Text;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>A run as one page that needs nothing else: no script, no file, no network. Pure.</summary>
internal static class HtmlReport
{
    private const string Style =
        """
        h1 { margin-bottom: 4px; } p { margin: 4px 0; }
        code { background: var(--shade); padding: 2px 5px; overflow-wrap: anywhere; }
        th:last-child, td:last-child { text-align: left; }
        figure { margin: 0 0 18px; } .shade { fill: var(--shade); }
        .a { stroke: var(--blue); } .b { stroke: var(--orange); } .c { stroke: var(--bad); }
        .key { font-weight: 400; margin-left: 10px; }
        .key.ka { color: var(--blue); } .key.kb { color: var(--orange); } .key.kc { color: var(--bad); }

        """;

    public static string Write(RunResult run, IReadOnlyList<Verdict> verdicts)
    {
        StringBuilder page = HtmlPage.Begin($"{run.Scenario}: {run.Proxy}", run.Scenario, Style);
        page.Append($"<p>{HtmlPage.Escape(run.Summary)}</p>\n<p>{HtmlPage.Escape(run.Proxy)}</p>\n<p "
            + $"class=\"soft\">{HtmlPage.Escape(run.Machine)}; {ReportRows.When(run)}</p>\n<p>"
            + $"<code>{HtmlPage.Escape(run.Command)}</code></p>\n");
        Verdicts(page, verdicts);
        page.Append("<h2>Over time</h2>\n");
        foreach (Chart chart in Charts(run)) chart.Write(page, run);
        page.Append("<h2>Phases</h2>\n<p class=\"soft\">Latencies in milliseconds, from the time at which a step was to begin. Recover: "
            + "how long after the phase's begin the last step was to begin that took more than 250 ms or failed.</p>\n");
        Table(page, ReportRows.PhaseHeadings, ReportRows.Phases(run));
        page.Append("<h2>Figures</h2>\n");
        Table(page, ReportRows.FigureHeadings, ReportRows.Figures(run));
        if (!run.Notes.IsEmpty) page.Append("<h2>Notes</h2>\n");
        foreach (string note in run.Notes) page.Append($"<p>{HtmlPage.Escape(note)}</p>\n");
        return HtmlPage.End(page);
    }

    private static IEnumerable<Chart> Charts(RunResult run)
    {
        yield return new Chart("Latency of the clients, ms, by the second in which they were to begin", isLogarithmic: true,
        [
            new Series("p50", run.Seconds.Select(s => (s.Second + 0.5, s.P50Ms ?? double.NaN))),
            new Series("p99", run.Seconds.Select(s => (s.Second + 0.5, s.P99Ms ?? double.NaN))),
            new Series("longest", run.Seconds.Select(s => (s.Second + 0.5, s.MaxMs ?? double.NaN))),
        ]);
        yield return new Chart("Arrivals and errors a second", isLogarithmic: false,
            [new Series("arrivals", run.Seconds.Select(s => (s.Second + 0.5, (double)s.Count))), new Series("", []),
                new Series("errors", run.Seconds.Select(s => (s.Second + 0.5, (double)s.Errors)))]);
        yield return new Chart("Resident memory of the proxy, MiB", isLogarithmic: false,
            [new Series("memory", run.Samples.Select(s => (s.Second, s.ResidentBytes / (double)(1 << 20))))]);
        yield return new Chart("Cores that the proxy kept busy", isLogarithmic: false,
            [new Series("cores", run.Samples.Select(s => (s.Second, s.Cores)))]);
        yield return new Chart("Descriptors of the proxy", isLogarithmic: false,
            [new Series("descriptors", run.Samples.Select(s => (s.Second, (double)s.Descriptors)))]);
    }

    private static void Verdicts(StringBuilder page, IReadOnlyList<Verdict> verdicts)
    {
        if (verdicts.Count == 0) return;
        page.Append("<h2>Thresholds</h2>\n");
        foreach (Verdict verdict in verdicts)
            page.Append($"<p><span "
                + $"class=\"{(verdict.IsOk ? "good\">holds" : "bad\">breached")}</span> {HtmlPage.Escape(verdict.Text)}</p>\n");
    }

    private static void Table(StringBuilder page, string[] headings, IEnumerable<string[]> rows) =>
        HtmlPage.Table(page, headings, rows.Select(row => (false, row)));
}
