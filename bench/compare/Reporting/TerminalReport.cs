using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Measurements;
using Spectre.Console;

namespace FastTcpProxy.Compare.Reporting;

/// <summary>A report on a terminal, or as plain text into a pipe. One thread.</summary>
internal static class TerminalReport
{
    /// <summary>Where the output is no terminal there is no width to keep to: a table is not broken.</summary>
    private const int WidthOfPipe = 200;

    public static void Write(Report report, IAnsiConsole console)
    {
        if (!console.Profile.Out.IsTerminal) console.Profile.Width = WidthOfPipe;
        console.MarkupLineInterpolated($"{report.Machine.CpuModel}, {report.Machine.Cpus} CPUs, {report.Machine.Kernel}");
        foreach (Contestant contestant in report.Contestants) console.MarkupLineInterpolated($"{contestant.Name}: {contestant.Version}");
        foreach (AbsentContestant absent in report.Absent)
            console.MarkupLineInterpolated($"[yellow]{absent.Name}: absent: {absent.Reason}[/]");
        foreach (string note in report.Notes) console.MarkupLineInterpolated($"{note}");
        foreach (Measurement measurement in report.Measurements) Write(measurement, console);
        // In full it was said when it happened.
        foreach (string failure in report.Failures) console.MarkupLineInterpolated($"[red]not measured: {failure.Split('\n')[0]}[/]");
        if (report.Measurements.Length > 0)
            console.MarkupLineInterpolated(
                $"this/ours: above 1, {report.Contestants[0].Name} is cheaper; the median of the rounds' ratios.");
    }

    private static void Write(Measurement measurement, IAnsiConsole console)
    {
        console.WriteLine();
        console.MarkupLineInterpolated($"[bold]{ReportRows.Heading(measurement)}[/]");
        ReportRows.Table(measurement).Write(console);
        foreach (string footnote in ReportRows.Footnotes(measurement)) console.MarkupLineInterpolated($"  [yellow]{footnote}[/]");
    }
}
