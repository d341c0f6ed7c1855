using System.Globalization;
using System.Text;
using FastTcpProxy.Gate.Verdicts;

namespace FastTcpProxy.Gate.Reporting;

/// <summary>A report as a table for people. Pure.</summary>
internal static class TableReport
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public static string Write(GateReport report)
    {
        StringBuilder text = new();
        text.AppendLine(Culture, $"base {report.Base}");
        text.AppendLine(Culture, $"head {report.Head}");
        text.AppendLine(Culture,
            $"{report.Machine.Cpus} CPUs, {report.Machine.CpuModel}; {report.Machine.Kernel}; {report.Machine.Runtime}; "
            + $"load average {report.LoadAverage:0.0}");
        text.AppendLine(Culture, $"{report.Options.Processes} processes of each, {report.Options.Rounds} rounds "
            + $"of {report.Options.Seconds:0.##} s; {report.StarvedRounds} rounds dropped as starved");
        text.AppendLine();
        text.AppendLine(Culture, $"{"figure",-32}{"base",10}{"head",10}{"change",10}{"limit",10}   {"interval",-26}verdict");
        foreach (Verdict verdict in report.Verdicts) text.AppendLine(Row(verdict));
        text.AppendLine();
        text.Append(report.IsRegression
            ? "REGRESSION: " + string.Join(", ", report.Verdicts.Where(v => v.IsRegression).Select(v => v.Figure))
            : "no regression");
        return text.ToString();
    }

    private static string Row(Verdict verdict)
    {
        bool exact = verdict.Kind == VerdictKind.Exact;
        string change = exact ? verdict.Change.ToString("+0.00;-0.00;0.00", Culture) : Percent(verdict.Change);
        string limit = exact ? verdict.Limit.ToString("+0.00", Culture) : Percent(verdict.Limit);
        string interval = exact
            ? $"exact, least of {verdict.Samples}"
            : $"{Percent(verdict.ChangeLow!.Value)} .. {Percent(verdict.ChangeHigh!.Value)} ({verdict.Confidence:0%})";
        return string.Create(Culture,
            $"{verdict.Figure,-32}{verdict.Base,10:0.00}{verdict.Head,10:0.00}{change,10}{limit,10}   {interval,-26}"
            + $"{(verdict.IsRegression ? "REGRESSION" : "pass")}");
    }

    private static string Percent(double part) => (part * 100).ToString("+0.0;-0.0;0.0", Culture) + " %";
}
