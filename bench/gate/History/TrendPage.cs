using System.Globalization;
using System.Text;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.History;

/// <summary>
/// The history as one HTML page that needs nothing else: the last run as a table, and a chart for each figure. All that comes from a file
/// or a command line is escaped. Pure.
/// </summary>
internal static class TrendPage
{
    /// <summary>Runs that are drawn, the newest: what fits the width of a chart.</summary>
    public const int RunsMax = 200;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <param name="runs">By their time.</param>
    /// <param name="baseline">Null: there is none.</param>
    public static string Write(IReadOnlyList<RunRecord> runs, RunRecord? baseline)
    {
        RunRecord[] drawn = [.. runs.TakeLast(RunsMax)];
        StringBuilder page = HtmlPage.Begin("FastTcpProxy: performance over time", "Performance over time", TrendStyle.Css);
        if (drawn is [.., { } last])
        {
            WriteLast(page, last, baseline);
            WriteCharts(page, drawn, baseline);
        }
        else page.Append("<p>No run yet.</p>\n");
        return HtmlPage.End(page);
    }

    public static string Word(Outcome outcome) => outcome switch
    {
        Outcome.Passed => "passed", Outcome.Regression => "REGRESSION", Outcome.Skipped => "skipped", _ => "no verdict",
    };

    /// <summary>A figure with as many digits as say something.</summary>
    public static string Number(double value) =>
        value.ToString(Math.Abs(value) >= 1000 ? "#,0" : Math.Abs(value) >= 10 ? "0.#" : "0.###", Culture);

    private static void WriteLast(StringBuilder page, RunRecord run, RunRecord? baseline)
    {
        page.Append(Culture, $"<h2>Last run: <span class=\"{Class(run.Outcome)}\">{Word(run.Outcome)}</span></h2>\n<p>{Time(run)}. ");
        page.Append(Culture, $"Head {HtmlPage.Escape(run.Head.Name)}, base {HtmlPage.Escape(run.Base.Name)}. ");
        page.Append(baseline is null
            ? "There is no baseline yet. "
            : string.Create(Culture, $"Baseline: {HtmlPage.Escape(baseline.Head.Name)}, of {Time(baseline)}. "));
        page.Append(Culture,
            $"{run.Machine.Cpus} "
            + $"CPUs, {HtmlPage.Escape(run.Machine.CpuModel)}; {HtmlPage.Escape(run.Machine.Kernel)}; "
            + $"{HtmlPage.Escape(run.Machine.Runtime)}.</p>\n<ul class=\"steps\">\n");
        foreach (RunStep step in run.Steps)
        {
            string note = step.Note is null ? "" : $" ({HtmlPage.Escape(step.Note)})";
            page.Append(Culture,
                $"<li>{HtmlPage.Escape(step.Name)}: <span class=\"{Class(step.Outcome)}\">{Word(step.Outcome)}</span>{note}</li>\n");
        }
        page.Append("</ul>\n");
        HtmlPage.Table(page, ["figure", "base", "head", "change", "let pass", "baseline"],
            run.Figures.Select(figure => (figure.IsRegression,
            (string[])[Title(figure.Group, figure.Name), Cell(figure.Base), Number(figure.Head), Change(figure.Change, figure),
                Change(figure.Limit, figure), Cell(FigureOf(baseline, figure.Group, figure.Name)?.Head)])));
    }

    /// <summary>The figure of that name in a run; null where there is none.</summary>
    public static RunFigure? FigureOf(RunRecord? run, string group, string name) =>
        run?.Figures.FirstOrDefault(f => f.Group == group && f.Name == name);

    private static void WriteCharts(StringBuilder page, RunRecord[] runs, RunRecord? baseline)
    {
        page.Append("<h2>Trend</h2>\n<p class=\"legend\"><span class=\"key passed\"></span>passed <span class=\"key failed\"></span>a run "
            + "that failed in another figure or step ");
        page.Append("<span class=\"key regression\"></span>a regression of this figure <span class=\"key line\"></span>baseline. ");
        page.Append("Each point is the head of one run; it names its revision and date. Runs of different machines compare only "
            + "roughly.</p>\n<div class=\"charts\">\n");
        var figures = runs.SelectMany(r => r.Figures).Select(f => (f.Group, f.Name)).Distinct();
        // In the order in which the newest run that has a group has them: those of the gate come first.
        foreach ((string group, string name) in figures.GroupBy(f => f.Group).OrderBy(g => g.Key == RunFigure.GateGroup ? 0 : 1)
            .SelectMany(g => g))
        {
            page.Append(Culture, $"<figure><figcaption>{HtmlPage.Escape(Title(group, name))}</figcaption>\n");
            TrendChart.Write(page, runs, baseline, group, name);
            page.Append("</figure>\n");
        }
        page.Append("</div>\n");
    }

    public static string Time(RunRecord run) => run.Date.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", Culture);

    private static string Title(string group, string name) => group == RunFigure.GateGroup ? name : $"{group}, {name}";

    private static string Class(Outcome outcome) => outcome switch { Outcome.Passed => "good", Outcome.Skipped => "none", _ => "bad" };

    private static string Cell(double? value) => value is { } number ? Number(number) : "";

    private static string Change(double? value, RunFigure figure) => value is not { } number ? ""
        : figure.Kind == VerdictKind.Statistical ? (number * 100).ToString("+0.0;-0.0;0.0", Culture) + " %"
        : number.ToString("+#,0.##;-#,0.##;0", Culture);
}
