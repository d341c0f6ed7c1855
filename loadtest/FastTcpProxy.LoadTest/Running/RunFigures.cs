namespace FastTcpProxy.LoadTest.Running;

/// <summary>All figures of a run by the names that thresholds use. Pure.</summary>
public static class RunFigures
{
    /// <summary>A figure whose name exists and whose value is not known: it holds no bound.</summary>
    public const double Unknown = double.NaN;

    /// <summary>
    /// Of each phase "PHASE.NAME" (of a series other than the clients "SERIES.PHASE.NAME") with the names count, errors, p50_ms, p90_ms,
    /// p99_ms, p999_ms, max_ms, recover_s and the fates; and the run's own figures. Those of no value are <see cref="Unknown"/>.
    /// </summary>
    public static SortedDictionary<string, double> Of(RunResult run)
    {
        SortedDictionary<string, double> figures = new(StringComparer.Ordinal);
        foreach (PhaseResult phase in run.Phases)
        {
            string prefix = phase.Series == Recorder.Clients ? phase.Phase : $"{phase.Series}.{phase.Phase}";
            figures[$"{prefix}.count"] = phase.Count;
            figures[$"{prefix}.errors"] = phase.Errors;
            figures[$"{prefix}.p50_ms"] = phase.P50Ms ?? Unknown;
            figures[$"{prefix}.p90_ms"] = phase.P90Ms ?? Unknown;
            figures[$"{prefix}.p99_ms"] = phase.P99Ms ?? Unknown;
            figures[$"{prefix}.p999_ms"] = phase.P999Ms ?? Unknown;
            figures[$"{prefix}.max_ms"] = phase.MaxMs ?? Unknown;
            figures[$"{prefix}.recover_s"] = phase.LastSlowSeconds ?? Unknown;
            // Those with none too: a threshold of nothing is the usual one.
            foreach (string fate in Tally.FateNames) figures[$"{prefix}.{fate}"] = phase.Fates.GetValueOrDefault(fate);
        }
        foreach (FigureResult figure in run.Figures) figures[figure.Name] = figure.Value;
        return figures;
    }
}
