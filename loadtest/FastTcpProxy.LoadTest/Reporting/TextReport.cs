using FastTcpProxy.LoadTest.Running;
using FastTcpProxy.LoadTest.Thresholds;
using Spectre.Console;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>A run on a terminal, or as plain text into a pipe or file. One thread.</summary>
internal static class TextReport
{
    /// <summary>Where the output is no terminal there is no width to keep to: a table is not broken.</summary>
    private const int WidthOfPipe = 220;

    public static void Write(IAnsiConsole console, RunResult run, IReadOnlyList<Verdict> verdicts)
    {
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = WidthOfPipe;
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{run.Scenario}[/]: {run.Summary}");
        console.MarkupLineInterpolated($"{run.Proxy}; {run.Machine}");
        console.MarkupLineInterpolated($"{ReportRows.When(run)}; latencies from the intended start");
        // What most clients had is enough for a terminal; the fates stand below where there is one that is bad.
        bool isNarrow = console.Profile.Width < 120;
        int columns = isNarrow ? ReportRows.PhaseHeadings.Length - 1 : ReportRows.PhaseHeadings.Length;
        ReportRows.PhaseTable(run, columns).Write(console, heading => heading == "fates");
        foreach (PhaseResult phase in run.Phases.Where(p => isNarrow && p.Errors > 0))
            console.MarkupLineInterpolated(
                $"{ReportRows.NameOf(phase)}: {string.Join(", ", phase.Fates.Select(f => $"{f.Value} {f.Key.Replace('_', ' ')}"))}");
        foreach (FigureResult figure in run.Figures)
            console.MarkupLineInterpolated($"{figure.Name,-28} {ReportRows.Number(figure.Value),14} {figure.Unit}");
        foreach (string note in run.Notes) console.MarkupLineInterpolated($"note: {note}");
        foreach (Verdict verdict in verdicts.Where(v => !v.IsOk)) console.MarkupLineInterpolated($"[red]breached: {verdict.Text}[/]");
        if (verdicts.Count > 0 && verdicts.All(v => v.IsOk))
            console.MarkupLineInterpolated($"[green]all {verdicts.Count} thresholds hold[/]");
    }

    /// <summary>The same as plain text.</summary>
    public static string ToText(RunResult run, IReadOnlyList<Verdict> verdicts)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text),
        });
        Write(console, run, verdicts);
        return text.ToString();
    }
}
