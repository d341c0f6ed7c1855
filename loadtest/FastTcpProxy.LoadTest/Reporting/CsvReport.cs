using System.Globalization;
using System.Text;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>A run as comma-separated values (RFC 4180), numbers in full. Pure.</summary>
internal static class CsvReport
{
    public static string Phases(RunResult run) => Table(
        ["scenario", "proxy", "series", "phase", "begin_s", "end_s", "count", "errors", "min_ms", "mean_ms", "p50_ms", "p90_ms", "p99_ms",
            "p999_ms", "max_ms", "bytes", "recover_s"],
        run.Phases.Select(p => (object?[])
            [run.Scenario, run.Proxy, p.Series, p.Phase, p.BeginSeconds, p.EndSeconds, p.Count, p.Errors, p.MinMs, p.MeanMs, p.P50Ms,
                p.P90Ms, p.P99Ms, p.P999Ms, p.MaxMs, p.Bytes, p.LastSlowSeconds]));

    public static string Seconds(RunResult run) => Table(
        ["second", "phase", "count", "errors", "p50_ms", "p99_ms", "max_ms"],
        run.Seconds.Select(s => (object?[])[s.Second, s.Phase, s.Count, s.Errors, s.P50Ms, s.P99Ms, s.MaxMs]));

    private static string Table(string[] headings, IEnumerable<object?[]> rows)
    {
        StringBuilder text = new();
        text.AppendJoin(',', headings).Append("\r\n");
        foreach (object?[] row in rows) text.AppendJoin(',', row.Select(Cell)).Append("\r\n");
        return text.ToString();
    }

    /// <summary>Empty where there is no value.</summary>
    private static string Cell(object? value)
    {
        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
