using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Health.Rules;

/// <summary>
/// Counts the probes of one check until there are enough good or enough bad ones, whichever comes first. A pure value.
/// </summary>
/// <param name="rule">How many are enough.</param>
public struct ProbeTally(ProbeRule rule)
{
    private readonly ProbeRule _rule = rule;
    private int _good;
    private int _bad;

    /// <summary>Counts a probe. The check's result, or null while it is open.</summary>
    public bool? Count(bool isGood)
    {
        if (isGood) return ++_good >= _rule.Successes ? true : null;
        return ++_bad >= _rule.Failures ? false : null;
    }
}
