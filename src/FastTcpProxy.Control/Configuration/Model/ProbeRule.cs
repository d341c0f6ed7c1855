namespace FastTcpProxy.Control.Configuration;

/// <summary>The probes of one check follow each other until there are enough good or enough bad ones. Immutable.</summary>
/// <param name="Successes">Good ones that make the check good; at least 1.</param>
/// <param name="Failures">Bad ones that make it bad; at least 1.</param>
/// <param name="Delay">From the end of one probe to the start of the next; zero: at once.</param>
public readonly record struct ProbeRule(int Successes, int Failures, TimeSpan Delay)
{
    /// <summary>The most probes that a check can take before one of the two is reached.</summary>
    public int ProbesMax => Successes + Failures - 1;
}
