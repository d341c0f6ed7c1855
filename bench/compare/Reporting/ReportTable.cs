using System.Text;
using Spectre.Console;

namespace FastTcpProxy.Compare.Reporting;

/// <summary>
/// A table of a report, on a terminal and as Markdown. Columns of words stand left, those of numbers right. Pure, any thread.
/// </summary>
/// <param name="isText">Whether a column, by its heading, holds words.</param>
internal sealed class ReportTable(string[] headings, IEnumerable<string[]> rows, Func<string, bool> isText)
{
    public void Append(StringBuilder text)
    {
        AppendRow(text, headings);
        AppendRow(text, headings.Select(heading => isText(heading) ? "---" : "---:"));
        foreach (string[] row in rows) AppendRow(text, row);
    }

    /// <param name="mayWrap">Whether a column, by its heading, may take several lines.</param>
    public void Write(IAnsiConsole console, Func<string, bool>? mayWrap = null)
    {
        Table table = new() { Border = TableBorder.Simple };
        foreach (string heading in headings)
        {
            TableColumn column = new(Markup.Escape(heading)) { NoWrap = mayWrap?.Invoke(heading) != true };
            table.AddColumn(isText(heading) ? column : column.RightAligned());
        }
        foreach (string[] row in rows) table.AddRow([.. row.Take(headings.Length).Select(cell => new Text(cell))]);
        console.Write(table);
    }

    public static void AppendRow(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(Escape)).Append(" |\n");

    /// <summary>A bar would begin a cell, a less-than sign a tag, and a line break end the row; two tildes would strike out.</summary>
    public static string Escape(string text) => text.Replace("|", "\\|", StringComparison.Ordinal)
        .Replace("~", "\\~", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .ReplaceLineEndings(" ");
}
