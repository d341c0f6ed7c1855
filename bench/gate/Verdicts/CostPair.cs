using FastTcpProxy.Compare.Measurements;

namespace FastTcpProxy.Gate.Verdicts;

/// <summary>What an operation cost a process of each build, measured together. Immutable.</summary>
/// <param name="Base">Above 0.</param>
/// <param name="Head">Above 0.</param>
/// <param name="Ratio">How much the head took of what the base took: 1 is the same.</param>
public readonly record struct CostPair(double Base, double Head, double Ratio)
{
    public CostPair(double ofBase, double ofHead)
        : this(ofBase, ofHead, ofHead / ofBase)
    {
    }

    /// <summary>
    /// The medians of some rounds. The ratio is the median of the rounds' own: costs vary from round to round by more than builds differ,
    /// and those of one round had the same moment.
    /// </summary>
    /// <returns>Null when there are none.</returns>
    public static CostPair? Middle(IReadOnlyCollection<CostPair> rounds) => rounds.Count == 0 ? null :
        new(Statistics.Median(rounds.Select(r => r.Base)), Statistics.Median(rounds.Select(r => r.Head)),
            Statistics.Median(rounds.Select(r => r.Ratio)));
}
