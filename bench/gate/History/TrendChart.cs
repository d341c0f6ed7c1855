using System.Globalization;
using System.Text;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.History;

/// <summary>
/// One figure over the runs, as inline SVG: a line through the runs that passed, a mark for each run that did not, and the baseline. Runs
/// stand at equal distances, at the same place in every chart. Pure.
/// </summary>
internal static class TrendChart
{
    private const double Width = 400, Height = 150, Left = 52, Right = 10, Top = 10, Bottom = 22;

    /// <summary>
    /// The part of a figure that the axis shows above and below at least, of one that has no limit of its own: less would draw noise as
    /// mountains.
    /// </summary>
    private const double SpanMin = 0.05;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>Draws a figure, named as in <see cref="RunFigure"/>; runs without it are left out.</summary>
    public static void Write(StringBuilder page, RunRecord[] runs, RunRecord? baseline, string group, string name)
    {
        (int Index, RunRecord Run, RunFigure Figure)[] points =
            [.. runs.Select((run, i) => (i, run, TrendPage.FigureOf(run, group, name)!))
                .Where(p => p.Item3 is not null && double.IsFinite(p.Item3.Head))];
        double? line = TrendPage.FigureOf(baseline, group, name)?.Head;
        (double low, double high) =
            Range([.. points.Select(p => p.Figure.Head), .. line is { } value && double.IsFinite(value) ? [value] : Array.Empty<double>()],
            points is [.., { Figure: { } newest }] ? SpanOf(newest) : 0);
        double X(int index) => runs.Length == 1 ? (Left + Width - Right) / 2 : Left + (index * (Width - Left - Right) / (runs.Length - 1));
        double Y(double figure) => Top + ((high - figure) / (high - low) * (Height - Top - Bottom));

        page.Append(Culture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">\n");
        HtmlPage.Grid(page, [low, (low + high) / 2, high], (Left, Width - Right), Y, TrendPage.Number);
        if (line is { } level && double.IsFinite(level))
            page.Append(Culture, $"<line class=\"baseline\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(level):0.#}\" "
                + $"y2=\"{Y(level):0.#}\"><title>baseline: {TrendPage.Number(level)}</title></line>\n");
        page.Append(Culture, $"<text x=\"{Left}\" y=\"{Height - 6}\">{Day(runs[0])}</text>");
        if (Day(runs[0]) != Day(runs[^1]))
            page.Append(Culture, $"<text x=\"{Width - Right}\" y=\"{Height - 6}\" text-anchor=\"end\">{Day(runs[^1])}</text>");
        HtmlPage.Line(page, "trend", points.Where(p => p.Run.Outcome == Outcome.Passed).Select(p => (X(p.Index), Y(p.Figure.Head))));
        page.Append('\n');
        foreach ((int index, RunRecord run, RunFigure figure) in points) WriteMark(page, X(index), Y(figure.Head), run, figure);
        page.Append("</svg>\n");
    }

    /// <summary>What the axis shows above and below at least: the change that is let pass.</summary>
    public static double SpanOf(RunFigure figure) => figure.Kind switch
    {
        VerdictKind.Exact => figure.Limit ?? 0,
        VerdictKind.Statistical => Math.Abs(figure.Head) * (figure.Limit ?? SpanMin),
        _ => Math.Abs(figure.Head) * SpanMin,
    };

    /// <summary>
    /// The least and the most of an axis that shows these values, with room to both sides; it goes below 0 only where they do.
    /// </summary>
    /// <param name="spanMin">What it shows above and below the middle at least.</param>
    public static (double Low, double High) Range(IReadOnlyCollection<double> values, double spanMin)
    {
        if (values.Count == 0) return (0, 1);
        double least = values.Min(), most = values.Max(), middle = (least + most) / 2;
        double half = Math.Max((most - least) * 0.55, spanMin);
        if (half == 0) return (0, 1);
        double low = middle - half;
        return (least >= 0 ? Math.Max(0, low) : low, middle + half);
    }

    private static void WriteMark(StringBuilder page, double x, double y, RunRecord run, RunFigure figure)
    {
        string shape = figure.IsRegression
            ? string.Create(Culture, $"<path class=\"regression\" d=\"M{x:0.#} {y - 5:0.#}l5 5l-5 5l-5 -5z\">")
            : string.Create(Culture, $"<circle class=\"{(run.Outcome == Outcome.Passed ? "passed" : "failed")}\" cx=\"{x:0.#}\" "
            + $"cy=\"{y:0.#}\" r=\"{(run.Outcome == Outcome.Passed ? 2.4 : 3.5)}\">");
        string end = figure.IsRegression ? "</path>" : "</circle>";
        string ofBase = figure.Base is { } value ? $", base {TrendPage.Number(value)}" : "";
        page.Append(shape).Append("<title>");
        page.Append(HtmlPage.Escape(
            $"{TrendPage.Number(figure.Head)}{ofBase}\n{run.Head.Name}\n{TrendPage.Time(run)}, {TrendPage.Word(run.Outcome)}\n"
            + $"{run.Machine.CpuModel}"));
        page.Append("</title>").Append(end).Append('\n');
    }

    private static string Day(RunRecord run) => run.Date.UtcDateTime.ToString("yyyy-MM-dd", Culture);
}
