namespace FastTcpProxy.Gate.Estimates;

/// <summary>
/// The middle of a sample and its confidence interval after Wilcoxon's signed ranks: the estimate of Hodges and Lehmann, the median of all
/// averages of two values, and the exact interval that belongs to it (Hollander and Wolfe, Nonparametric Statistical Methods, 3.2 and 3.3).
/// It takes the values to lie symmetrically around their middle and nothing more: a round that the machine spoilt moves it little, however
/// far out it lies. Without chance, so that the same measurements have the same verdict. Pure.
/// </summary>
public static class SignedRank
{
    /// <summary>The work grows with the cube of their number: this many take a tenth of a second.</summary>
    public const int ValuesMax = 500;

    /// <param name="values">At least one, at most <see cref="ValuesMax"/>, all finite.</param>
    /// <param name="confidence">Of the interval, both sides together: above 0, below 1.</param>
    /// <returns>With infinite bounds where so few values cannot give that confidence: six can give 0.95.</returns>
    public static Interval Estimate(ReadOnlySpan<double> values, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Length, nameof(values));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(values.Length, ValuesMax, nameof(values));
        if (confidence is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "expected a probability between 0 and 1");
        double[] averages = Averages(values);
        double middle = (averages[(averages.Length - 1) / 2] + averages[averages.Length / 2]) / 2;
        int outside = RankSumsBelow(values.Length, (1 - confidence) / 2);
        return outside == 0
            ? new Interval(middle, double.NegativeInfinity, double.PositiveInfinity)
            : new Interval(middle, averages[outside - 1], averages[^outside]);
    }

    /// <summary>The averages of all pairs, each value with itself too, ascending.</summary>
    private static double[] Averages(ReadOnlySpan<double> values)
    {
        double[] averages = new double[values.Length * (values.Length + 1) / 2];
        int count = 0;
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i])) throw new ArgumentException("expected finite values", nameof(values));
            for (int j = i; j < values.Length; j++) averages[count++] = (values[i] + values[j]) / 2;
        }
        Array.Sort(averages);
        return averages;
    }

    /// <summary>How many of the smallest sums of signed ranks are together no more probable than this when there is no effect.</summary>
    private static int RankSumsBelow(int values, double probability)
    {
        // chance[s]: how probable it is that the ranks with a positive sign add up to s, each sign being a toss of a coin.
        double[] chance = new double[(values * (values + 1) / 2) + 1];
        chance[0] = 1;
        for (int rank = 1, top = 0; rank <= values; rank++)
        {
            top += rank;
            for (int sum = top; sum >= 0; sum--) chance[sum] = (chance[sum] + (sum >= rank ? chance[sum - rank] : 0)) / 2;
        }
        double below = 0;
        for (int sum = 0; sum < chance.Length; sum++)
        {
            below += chance[sum];
            if (below > probability) return sum;
        }
        return chance.Length;
    }
}
