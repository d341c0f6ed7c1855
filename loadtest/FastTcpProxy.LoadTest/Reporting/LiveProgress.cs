using System.Globalization;
using FastTcpProxy.LoadTest.Running;

namespace FastTcpProxy.LoadTest.Reporting;

/// <summary>
/// How a run goes, on standard error: on a terminal one line that is written anew, else a line every five seconds. One thread at a time.
/// </summary>
internal sealed class LiveProgress(TextWriter output, bool isTerminal, int width)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    private TimeSpan _next;

    /// <summary>Called as often as one likes.</summary>
    public void Show(ProgressState state)
    {
        if (isTerminal)
        {
            string line = Line(state);
            // A line that wraps cannot be written anew.
            output.Write("\r\e[K" + (line.Length < width ? line : line[..(width - 1)]));
        }
        else if (state.Elapsed >= _next)
        {
            output.WriteLine(Line(state));
            _next = state.Elapsed + Between;
        }
    }

    /// <summary>What follows begins on a line of its own.</summary>
    public void End()
    {
        if (isTerminal) output.Write("\r\e[K");
    }

    internal static string Line(ProgressState state)
    {
        string begin = string.Create(CultureInfo.InvariantCulture,
            $"{state.Scenario} {state.Elapsed.TotalSeconds:0}/{state.Total.TotalSeconds:0} s, {state.Phase}: ");
        return state.Last is not { } last
            ? begin + $"{state.Open} open"
            : begin + string.Create(CultureInfo.InvariantCulture, $"{last.Count} arrivals, {state.Open} open, {state.Errors} errors, "
            + $"p50 {ReportRows.Ms(last.P50Ms)} ms, p99 {ReportRows.Ms(last.P99Ms)} ms, longest {ReportRows.Ms(last.MaxMs)} ms");
    }
}

/// <summary>A moment of a run. Immutable.</summary>
/// <param name="Open">Steps that have begun and not ended.</param>
/// <param name="Errors">Since the begin.</param>
/// <param name="Last">The last second in which arrivals began and ended; null: there is none yet.</param>
internal sealed record ProgressState(string Scenario, TimeSpan Elapsed, TimeSpan Total, string Phase, int Open, long Errors,
    SecondResult? Last);
