using System.Globalization;
using System.Net;
using System.Text;

namespace FastTcpProxy.Compare.Reporting;

/// <summary>
/// A report as one page that needs nothing else: no script, no file, no network. What all pages of this repository share: their frame,
/// their colours in the light and in the dark, tables, and the parts of a chart. Pure, any thread.
/// </summary>
internal static class HtmlPage
{
    private const string Style =
        """
        :root {
          color-scheme: light dark; --text: #1c2024; --soft: #5f6870; --rule: #dfe3e6; --back: #fff; --shade: #f3f5f7;
          --blue: #1f6fb4; --orange: #b35900; --good: #1a7f37; --bad: #c4262e;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --text: #e6e9ec; --soft: #9aa4ad; --rule: #353b41; --back: #15181b; --shade: #1d2125;
            --blue: #6ab0ec; --orange: #e8a15b; --good: #57c170; --bad: #ff7b72;
          }
        }
        body {
          font: 15px/1.45 system-ui, sans-serif; color: var(--text); background: var(--back);
          max-width: 1240px; margin: 0 auto; padding: 16px;
        }
        h1 { font-size: 22px; } h2 { font-size: 17px; margin-top: 28px; }
        .good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; } .soft { color: var(--soft); }
        .wide { overflow-x: auto; } table { border-collapse: collapse; }
        th, td { text-align: right; padding: 3px 10px; border-bottom: 1px solid var(--rule); font-variant-numeric: tabular-nums; }
        td:not(:first-child) { white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; } th { color: var(--soft); font-weight: 500; }
        figure { margin: 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; display: block; overflow: visible; }
        svg text { fill: var(--soft); font-size: 11px; } .grid { stroke: var(--rule); }
        polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round; }

        """;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>What came from a file, a command line or a proxy.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A page up to its first heading.</summary>
    /// <param name="title">Not yet escaped.</param>
    /// <param name="style">The page's own rules.</param>
    public static StringBuilder Begin(string title, string heading, string style) => new StringBuilder()
        .Append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
        .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n")
        .Append($"<title>{Escape(title)}</title>\n<style>\n{Style}{style}</style>\n</head>\n<body>\n<h1>{Escape(heading)}</h1>\n");

    public static string End(StringBuilder page) => page.Append("</body>\n</html>\n").ToString();

    /// <param name="rows">Not yet escaped. A row that is marked is shown as a bad one.</param>
    public static void Table(StringBuilder page, IEnumerable<string> headings, IEnumerable<(bool IsBad, string[] Cells)> rows)
    {
        page.Append("<div class=\"wide\"><table>\n<thead><tr>").AppendJoin("", headings.Select(h => $"<th>{Escape(h)}</th>"));
        page.Append("</tr></thead>\n<tbody>\n");
        foreach ((bool isBad, string[] cells) in rows)
            page.Append(isBad ? "<tr class=\"bad\">" : "<tr>").AppendJoin("", cells.Select(c => $"<td>{Escape(c)}</td>")).Append("</tr>\n");
        page.Append("</tbody>\n</table></div>\n");
    }

    /// <summary>The horizontal lines of a chart, each with its number on the left.</summary>
    public static void Grid(
        StringBuilder page, IEnumerable<double> ticks, (double Left, double Right) x, Func<double, double> y, Func<double, string> number)
    {
        foreach (double tick in ticks)
        {
            page.Append(Culture, $"<line class=\"grid\" x1=\"{x.Left}\" x2=\"{x.Right}\" y1=\"{y(tick):0.#}\" y2=\"{y(tick):0.#}\"/>");
            page.Append(Culture, $"<text x=\"{x.Left - 6}\" y=\"{y(tick) + 4:0.#}\" text-anchor=\"end\">{number(tick)}</text>\n");
        }
    }

    public static void Line(StringBuilder page, string style, IEnumerable<(double X, double Y)> points)
    {
        page.Append($"\n<polyline class=\"{style}\" points=\"");
        page.AppendJoin(' ', points.Select(p => string.Create(Culture, $"{p.X:0.#},{p.Y:0.#}"))).Append("\"/>");
    }
}
