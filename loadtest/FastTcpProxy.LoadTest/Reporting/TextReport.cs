using FastTcpProxy.Compare.Reporting;
using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;
using Spectre.Console;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>A run on a terminal, or as plain text into a pipe or file. One thread.</summary>
internal static class TextReport
{
    /// <summary>Columns of a table, on a wider terminal too.</summary>
    public const int TableWidthMax = 100;

    /// <summary>Where the output is no terminal, a sentence is one line, so that other programs can search it.</summary>
    private const int WidthOfPipe = 4_000;

    public static void Write(IAnsiConsole console, RunResult run, IReadOnlyList<Verdict> verdicts)
    {
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = WidthOfPipe;
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{run.Scenario}[/]: {run.Summary}");
        console.MarkupLineInterpolated($"{run.Proxy}; {run.Machine}");
        console.MarkupLineInterpolated($"{ReportRows.When(run)}; latencies from the intended start");
        WriteTable(console, ReportRows.PhaseTable(run, ReportRows.PhaseHeadings.Length - 1), heading => heading == "phase");
        // The last column has no room in the table.
        foreach (PhaseResult phase in run.Phases.Where(p => p.Fates.Keys.Any(fate => fate != Tally.FateNames[0])))
            console.MarkupLineInterpolated($"{ReportRows.NameOf(phase)}: {ReportRows.Fates(phase)}");
        foreach (FigureResult figure in run.Figures)
            console.MarkupLineInterpolated($"{figure.Name,-28} {ReportRows.Number(figure.Value),14} {figure.Unit}");
        foreach (string note in run.Notes) console.MarkupLineInterpolated($"note: {note}");
        foreach (Verdict verdict in verdicts.Where(v => !v.IsOk)) console.MarkupLineInterpolated($"[red]breached: {verdict.Text}[/]");
        if (verdicts.Count > 0 && verdicts.All(v => v.IsOk))
            console.MarkupLineInterpolated($"[green]all {verdicts.Count} thresholds hold[/]");
    }

    /// <summary>Writes a table that is at most <see cref="TableWidthMax"/> wide.</summary>
    /// <param name="mayWrap">Whether a column, by its heading, may take several lines.</param>
    public static void WriteTable(IAnsiConsole console, ReportTable table, Func<string, bool> mayWrap)
    {
        int width = console.Profile.Width;
        console.Profile.Width = Math.Min(width, TableWidthMax);
        table.Write(console, mayWrap);
        console.Profile.Width = width;
    }

    /// <summary>The same as plain text.</summary>
    public static string ToText(RunResult run, IReadOnlyList<Verdict> verdicts) => ToText(console => Write(console, run, verdicts));

    /// <summary>What is written to a console, without colours, as into a pipe.</summary>
    public static string ToText(Action<IAnsiConsole> write)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = WidthOfPipe;
        write(console);
        return text.ToString();
    }
}
