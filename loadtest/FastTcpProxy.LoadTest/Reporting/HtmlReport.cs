using System.Net;
using System.Text;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>A run as one page that needs nothing else: no script, no file, no network. Pure.</summary>
internal static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --text: #1c2024; --soft: #5f6870; --rule: #dfe3e6; --back: #fff; --a: #1f6fb4; --b: #b35900; --c: #c4262e; --shade: #f3f5f7; --good: #1a7f37; }
        @media (prefers-color-scheme: dark) {
          :root { --text: #e6e9ec; --soft: #9aa4ad; --rule: #353b41; --back: #15181b; --a: #6ab0ec; --b: #e8a15b; --c: #ff7b72; --shade: #1d2125; --good: #57c170; }
        }
        body { font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--back); max-width: 1180px; margin: 0 auto; padding: 16px; }
        h1 { font-size: 22px; margin-bottom: 4px; } h2 { font-size: 17px; margin-top: 28px; } p { margin: 4px 0; } .soft { color: var(--soft); }
        code { background: var(--shade); padding: 2px 5px; overflow-wrap: anywhere; } .good { color: var(--good); } .bad { color: var(--c); font-weight: 600; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; }
        th, td { text-align: right; padding: 3px 10px; border-bottom: 1px solid var(--rule); font-variant-numeric: tabular-nums; white-space: nowrap; }
        th:first-child, td:first-child, th:last-child, td:last-child { text-align: left; } th { color: var(--soft); font-weight: 500; }
        figure { margin: 0 0 18px; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; display: block; }
        svg text { fill: var(--soft); font-size: 11px; } .grid { stroke: var(--rule); } .shade { fill: var(--shade); }
        .a, .b, .c { fill: none; stroke-width: 1.6; stroke-linejoin: round; } .a { stroke: var(--a); } .b { stroke: var(--b); } .c { stroke: var(--c); }
        .key { font-weight: 400; margin-left: 10px; } .key.ka { color: var(--a); } .key.kb { color: var(--b); } .key.kc { color: var(--c); }

        """;

    public static string Write(RunResult run, IReadOnlyList<Verdict> verdicts)
    {
        StringBuilder page = new();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width\"/>");
        page.Append($"<title>{Escape(run.Scenario)}: {Escape(run.Proxy)}</title>\n<style>\n{Style}</style></head>\n<body>\n<h1>{Escape(run.Scenario)}</h1>\n");
        page.Append($"<p>{Escape(run.Summary)}</p>\n<p>{Escape(run.Proxy)}</p>\n<p class=\"soft\">{Escape(run.Machine)}; {ReportRows.When(run)}</p>\n<p><code>{Escape(run.Command)}</code></p>\n");
        Verdicts(page, verdicts);
        page.Append("<h2>Over time</h2>\n");
        foreach (Chart chart in Charts(run)) chart.Write(page, run);
        page.Append("<h2>Phases</h2>\n<p class=\"soft\">Latencies in milliseconds, from the time at which a step was to begin. Recover: how long after the phase's begin the last step was to begin that took more than 250 ms or failed.</p>\n");
        Table(page, ReportRows.PhaseHeadings, ReportRows.Phases(run));
        page.Append("<h2>Figures</h2>\n");
        Table(page, ["figure", "value", "unit"], run.Figures.Select(f => (string[])[f.Name, ReportRows.Number(f.Value), f.Unit]));
        if (!run.Notes.IsEmpty) page.Append("<h2>Notes</h2>\n");
        foreach (string note in run.Notes) page.Append($"<p>{Escape(note)}</p>\n");
        return page.Append("</body></html>\n").ToString();
    }

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    private static IEnumerable<Chart> Charts(RunResult run)
    {
        yield return new Chart("Latency of the clients, ms, by the second in which they were to begin", isLogarithmic: true,
        [
            new Series("p50", run.Seconds.Select(s => (s.Second + 0.5, s.P50Ms))), new Series("p99", run.Seconds.Select(s => (s.Second + 0.5, s.P99Ms))),
            new Series("longest", run.Seconds.Select(s => (s.Second + 0.5, s.MaxMs))),
        ]);
        yield return new Chart("Arrivals and errors a second", isLogarithmic: false,
            [new Series("arrivals", run.Seconds.Select(s => (s.Second + 0.5, (double)s.Count))), new Series("", []), new Series("errors", run.Seconds.Select(s => (s.Second + 0.5, (double)s.Errors)))]);
        yield return new Chart("Resident memory of the proxy, MiB", isLogarithmic: false, [new Series("memory", run.Samples.Select(s => (s.Second, s.ResidentBytes / (double)(1 << 20))))]);
        yield return new Chart("Cores that the proxy kept busy", isLogarithmic: false, [new Series("cores", run.Samples.Select(s => (s.Second, s.Cores)))]);
        yield return new Chart("Descriptors of the proxy", isLogarithmic: false, [new Series("descriptors", run.Samples.Select(s => (s.Second, (double)s.Descriptors)))]);
    }

    private static void Verdicts(StringBuilder page, IReadOnlyList<Verdict> verdicts)
    {
        if (verdicts.Count == 0) return;
        page.Append("<h2>Thresholds</h2>\n");
        foreach (Verdict verdict in verdicts)
            page.Append($"<p><span class=\"{(verdict.IsOk ? "good\">holds" : "bad\">breached")}</span> {Escape(verdict.Text)}</p>\n");
    }

    private static void Table(StringBuilder page, string[] headings, IEnumerable<string[]> rows)
    {
        page.Append("<div class=\"wide\"><table>\n<tr>").AppendJoin("", headings.Select(h => $"<th>{Escape(h)}</th>")).Append("</tr>\n");
        foreach (string[] row in rows) page.Append("<tr>").AppendJoin("", row.Select(c => $"<td>{Escape(c)}</td>")).Append("</tr>\n");
        page.Append("</table></div>\n");
    }
}
