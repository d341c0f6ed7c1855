using System.Globalization;
using System.Text;
using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>One line of a chart.</summary>
/// <param name="Name">Empty: it is not drawn, and keeps the colours of the others apart.</param>
internal sealed record Series(string Name, IEnumerable<(double Second, double Value)> Points);

/// <summary>Lines over the seconds of a run as inline SVG, with the run's phases behind them. Pure.</summary>
/// <param name="isLogarithmic">Whether the axis has a decade for each power of ten.</param>
internal sealed class Chart(string title, bool isLogarithmic, Series[] series)
{
    private const double Width = 1140, Height = 210, Left = 58, Right = 12, Top = 20, Bottom = 24;

    /// <summary>What a logarithmic axis begins with.</summary>
    private const double LogMin = 0.1;

    /// <summary>A narrower phase has no room for its name.</summary>
    private const double LabelWidthPerLetter = 6.2;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public void Write(StringBuilder page, RunResult run)
    {
        (double Second, double Value)[][] lines = [.. series.Select(s => s.Points.Where(p => double.IsFinite(p.Value)).ToArray())];
        double end = Math.Max(1, lines.SelectMany(l => l).Select(p => p.Second).Append(run.DurationSeconds).Max());
        double most = Math.Max(isLogarithmic ? 1 : 1e-9, lines.SelectMany(l => l).Select(p => p.Value).DefaultIfEmpty(1).Max());
        double[] ticks = Ticks(most);
        double X(double second) => Left + Math.Clamp(second / end, 0, 1) * (Width - Left - Right);
        double Y(double value) => Top + (1 - Share(value, ticks[^1])) * (Height - Top - Bottom);

        page.Append($"<figure><figcaption>{HtmlPage.Escape(title)}");
        for (int i = 0; i < series.Length; i++)
        {
            if (series.Length > 1 && series[i].Name.Length > 0)
                page.Append($"<span class=\"key k{"abc"[i]}\">{HtmlPage.Escape(series[i].Name)}</span>");
        }
        page.Append(Culture, $"</figcaption>\n<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\">\n");
        Phases(page, run, X);
        HtmlPage.Grid(page, ticks, (Left, Width - Right), Y, value => ReportRows.Number(value));
        for (int i = 0; i <= 5; i++)
            page.Append(Culture, $"<text x=\"{X(end * i / 5):0.#}\" y=\"{Height - 6}\" "
                + $"text-anchor=\"{(i == 0 ? "start" : i == 5 ? "end" : "middle")}\">{end * i / 5:0.#} s</text>");
        for (int i = 0; i < lines.Length; i++) HtmlPage.Line(page, $"{"abc"[i]}", lines[i].Select(p => (X(p.Second), Y(p.Value))));
        page.Append("\n</svg></figure>\n");
    }

    private double Share(double value, double top) => isLogarithmic
        ? Math.Clamp(Math.Log10(Math.Max(value, LogMin) / LogMin) / Math.Log10(top / LogMin), 0, 1)
        : Math.Clamp(value / top, 0, 1);

    /// <summary>Powers of ten, or quarters of a round number.</summary>
    private double[] Ticks(double most)
    {
        if (isLogarithmic)
        {
            List<double> powers = [LogMin];
            while (powers[^1] < most) powers.Add(Math.Round(powers[^1] * 10, 3));
            return [.. powers];
        }
        double power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        double top = power * new[] { 1, 2, 4, 6, 8, 10 }.First(step => step * power >= most * 0.999);
        return [0, top / 4, top / 2, top * 3 / 4, top];
    }

    private static void Phases(StringBuilder page, RunResult run, Func<double, double> x)
    {
        PhaseResult[] phases = [.. run.Phases.Where(p => p.Series == Recorder.Clients && p.Phase != Recorder.All)];
        for (int i = 0; i < phases.Length; i++)
        {
            double left = x(phases[i].BeginSeconds), width = Math.Max(0, x(phases[i].EndSeconds) - left);
            if (i % 2 == 1) page.Append(Culture,
                $"<rect class=\"shade\" x=\"{left:0.#}\" y=\"{Top}\" width=\"{width:0.#}\" height=\"{Height - Top - Bottom}\"/>");
            if (width > phases[i].Phase.Length * LabelWidthPerLetter)
                page.Append(Culture,
                    $"<text x=\"{left + width / 2:0.#}\" y=\"{Top - 6}\" text-anchor=\"middle\">{HtmlPage.Escape(phases[i].Phase)}</text>");
        }
        page.Append('\n');
    }
}
