namespace FastTcpProxy.LoadTest.Running;

/// <summary>All figures of a run by the names that thresholds use. Pure.</summary>
public static class RunFigures
{
    /// <summary>
    /// Of each phase "PHASE.NAME" (of a series other than the clients "SERIES.PHASE.NAME") with the names count, errors, p50_ms, p90_ms,
    /// p99_ms, p999_ms, max_ms, recover_s and the fates; and the run's own figures.
    /// </summary>
    public static SortedDictionary<string, double> Of(RunResult run)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal);
        foreach (PhaseResult phase in run.Phases)
        {
            string prefix = phase.Series == Recorder.Clients ? phase.Phase : $"{phase.Series}.{phase.Phase}";
            figures[$"{prefix}.count"] = phase.Count;
            figures[$"{prefix}.errors"] = phase.Errors;
            figures[$"{prefix}.p50_ms"] = phase.P50Ms;
            figures[$"{prefix}.p90_ms"] = phase.P90Ms;
            figures[$"{prefix}.p99_ms"] = phase.P99Ms;
            figures[$"{prefix}.p999_ms"] = phase.P999Ms;
            figures[$"{prefix}.max_ms"] = phase.MaxMs;
            figures[$"{prefix}.recover_s"] = phase.LastSlowSeconds;
            // Those with none too: a threshold of nothing is the usual one.
            foreach (string fate in Tally.FateNames) figures[$"{prefix}.{fate}"] = phase.Fates.GetValueOrDefault(fate);
        }
        foreach (FigureResult figure in run.Figures) figures[figure.Name] = figure.Value;
        return figures;
    }
}
