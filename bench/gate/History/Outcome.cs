namespace FastTcpProxy.Gate.History;

/// <summary>How a step of a run ended, or the run as a whole.</summary>
public enum Outcome
{
    Passed,

    /// <summary>The head takes more than the base, or breaks a budget or a threshold.</summary>
    Regression,

    /// <summary>It could not be found out.</summary>
    NoVerdict,

    /// <summary>There was nothing to do.</summary>
    Skipped,
}
