namespace FastTcpProxy.Compare.Measurements;

/// <summary>How rounds become figures. Pure, any thread.</summary>
public static class Statistics
{
    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    /// <returns>Not a number when there are no values.</returns>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length == 0 ? double.NaN : sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>
    /// The median of each round's own ratio. Rounds differ by more than contestants do, as the machine has its moments; the two of a round
    /// had the same one.
    /// </summary>
    /// <param name="cost">Of one contestant, by round.</param>
    /// <param name="baseline">Of the one compared with, by round.</param>
    /// <returns>Above 1 the baseline is cheaper. Null when no round gives one.</returns>
    public static double? MedianRatio(IReadOnlyList<double> cost, IReadOnlyList<double> baseline)
    {
        double median = Median(
            cost.Zip(baseline).Where(pair => pair is { First: > 0, Second: > 0 }).Select(pair => pair.First / pair.Second));
        return double.IsNaN(median) ? null : median;
    }
}
