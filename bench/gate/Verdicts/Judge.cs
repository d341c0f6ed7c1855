using FastTcpProxy.Compare.Measurements;
using FastTcpProxy.Gate.Estimates;

namespace FastTcpProxy.Gate.Verdicts;

/// <summary>What counts as a regression. Pure.</summary>
public static class Judge
{
    /// <summary>
    /// Of the interval of a slowdown, both sides together. An unchanged build is found slower by chance once in forty times, before the
    /// floor.
    /// </summary>
    public const double Confidence = 0.95;

    /// <summary>
    /// The slowdown that is let pass, however sure it is: 4 %. Two processes of one and the same build differ by up to 2 % for as long as
    /// they live (where memory came to lie, what the compiler saw first), which no number of rounds takes away. See bench/gate/README.md
    /// for the measurement.
    /// </summary>
    public const double SlowdownFloor = 0.04;

    /// <summary>Managed bytes: runs of one build differ by less than half a byte; the smallest object has 24.</summary>
    public const double AllocatedBytesTolerance = 1;

    /// <summary>System calls: runs of one build differ by up to 0.05, when the runtime starts a thread for itself meanwhile.</summary>
    public const double SystemCallsTolerance = 0.3;

    /// <summary>
    /// The part by which the program may grow: 5 %. A feature is some tenths of a per cent; a dependency that was dragged in, or code that
    /// is no longer trimmed, is more.
    /// </summary>
    public const double SizeFloor = 0.05;

    /// <summary>The later start-up that is let pass: 10 %, and <see cref="StartFloorMs"/> where that is more.</summary>
    public const double StartFloor = 0.10;

    /// <summary>No one waits for 20 ms at a start, and a busy machine makes as much of nothing.</summary>
    public const double StartFloorMs = 20;

    /// <summary>Pairs of processes below which nothing is decided: six are the fewest that can give the confidence at all.</summary>
    public const int PairsMin = 6;

    /// <summary>A count: what disturbs it only adds to it, so the least of each side is compared.</summary>
    /// <param name="tolerance">In the figure's unit.</param>
    public static Verdict Exact(string figure, IReadOnlyList<double> ofBase, IReadOnlyList<double> ofHead, double tolerance)
    {
        double least = ofBase.Min(), leastOfHead = ofHead.Min();
        return new Verdict
        {
            Figure = figure,
            Kind = VerdictKind.Exact,
            Base = least,
            Head = leastOfHead,
            Change = leastOfHead - least,
            Limit = tolerance,
            Samples = Math.Min(ofBase.Count, ofHead.Count),
            IsRegression = leastOfHead - least > tolerance,
        };
    }

    /// <summary>
    /// A cost, from pairs of processes that were measured together: a regression when the head is slower beyond doubt (the whole interval
    /// lies above no change) and by more than the floor.
    /// </summary>
    /// <param name="pairs">The costs of base and head in each pair, above 0; at least <see cref="PairsMin"/>.</param>
    /// <param name="floor">The slowdown that is let pass, as a part of the cost.</param>
    /// <param name="floorInUnits">The same in the figure's unit; the larger of the two counts.</param>
    public static Verdict Statistical(string figure, IReadOnlyList<CostPair> pairs, double floor = SlowdownFloor, double floorInUnits = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pairs.Count, PairsMin, nameof(pairs));
        double ofBase = Statistics.Median(pairs.Select(p => p.Base)), limit = Math.Max(floor, floorInUnits / ofBase);
        // Logarithms: twice as slow and twice as fast lie equally far from no change.
        Interval ratio = SignedRank.Estimate([.. pairs.Select(p => Math.Log(p.Ratio))], Confidence);
        double change = Math.Exp(ratio.Estimate) - 1, low = Math.Exp(ratio.Low) - 1, high = Math.Exp(ratio.High) - 1;
        return new Verdict
        {
            Figure = figure,
            Kind = VerdictKind.Statistical,
            Base = ofBase,
            Head = Statistics.Median(pairs.Select(p => p.Head)),
            Change = change,
            ChangeLow = low,
            ChangeHigh = high,
            Limit = limit,
            Confidence = Confidence,
            Samples = pairs.Count,
            IsRegression = low > 0 && change > limit,
        };
    }
}
