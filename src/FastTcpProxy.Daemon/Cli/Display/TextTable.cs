using System.Collections.Immutable;
using FastTcpProxy.Control.Texts;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FastTcpProxy.Daemon.Cli.Display;

/// <summary>Tables without lines: two blanks between columns. Made and drawn by one thread.</summary>
internal sealed class TextTable
{
    private readonly Table _table = new() { Border = TableBorder.None };

    /// <param name="headings">
    /// What is short stays whole, and begins with "!" here; names, addresses and reasons are broken where the screen is very narrow.
    /// Numbers end with "#", and stand to the right. Where none has a text there is no line of headings.
    /// </param>
    public TextTable(params ImmutableArray<string> headings)
    {
        _table.ShowHeaders = headings.Any(h => h.Trim('!', '#').Length > 0);
        foreach (string heading in headings)
        {
            _table.AddColumn(new TableColumn(new Text(heading.Trim('!', '#'), TextStyles.Heading))
            {
                NoWrap = heading.StartsWith('!'),
                Alignment = heading.EndsWith('#') ? Justify.Right : Justify.Left,
                Padding = new Padding(0, 0, heading == headings[^1] ? 0 : 2, 0),
            });
        }
    }

    /// <summary>A cell. Control characters do not get through.</summary>
    public static Text Cell(string? text, Style? style = null) => new(OneLine.Escape(text ?? ""), style);

    public TextTable Add(params IEnumerable<IRenderable> cells)
    {
        _table.AddRow(cells);
        return this;
    }

    /// <summary>Drawn as the last thing: nothing may be added any more.</summary>
    public IRenderable Done() => _table.Rows.Count == 0 ? new Text("") : _table;

    /// <summary>A separate line, indented under a table.</summary>
    public static IRenderable Note(string text, Style? style = null) => new Padder(Cell(text, style), new Padding(2, 0, 0, 0));

    /// <summary>A separate line.</summary>
    public static Paragraph Line(string text, Style? style = null) => new(OneLine.Escape(text) + "\n", style);
}

/// <summary>How texts are colored where the screen has colors: never the only carrier of a meaning. Immutable.</summary>
internal static class TextStyles
{
    public static readonly Style Good = new(Color.Green);
    public static readonly Style Bad = new(Color.Red);
    public static readonly Style Attention = new(Color.Yellow);
    public static readonly Style Heading = new(decoration: Decoration.Bold);
}
