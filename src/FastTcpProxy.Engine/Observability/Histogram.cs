using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastTcpProxy.Engine.Observability;

/// <summary>
/// How long something took, counted by ranges, with the sum. One set of bounds for all: 1, 2.5 and 5 in each decade from 100 us to 500 ms,
/// then 1, 3, 5, 7, 10 and 30 s: the kernel sends a SYN again after 1, 3 and 7 s, and most timeouts are at 5, 10 and 30. A block of longs.
/// </summary>
public struct Histogram
{
    /// <summary>How many ranges there are; the last one has no upper bound.</summary>
    public const int Buckets = 19;

    /// <summary>How many longs it has.</summary>
    internal const int Longs = Buckets + 1;

    private BucketArray _buckets;
    private long _sumUs;

    /// <summary>The upper bounds, in microseconds, each of them within its range.</summary>
    public static ReadOnlySpan<int> BoundsUs =>
    [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 3_000_000, 5_000_000, 7_000_000, 10_000_000, 30_000_000,
    ];

    // By the number of the highest bit: how many bounds lie below the numbers that have it. At most two lie among them.
    private static ReadOnlySpan<byte> FirstOf =>
        [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 13, 14, 16, 17];

    /// <summary>The sum of all, in microseconds.</summary>
    public readonly long SumUs => _sumUs;

    /// <summary>How many there are.</summary>
    public readonly long Count
    {
        get
        {
            long count = 0;
            foreach (long bucket in _buckets) count += bucket;
            return count;
        }
    }

    /// <summary>How many lie in a range: above the bound before it, and not above its own.</summary>
    public readonly long this[int bucket] => _buckets[bucket];

    /// <summary>The range of a time.</summary>
    /// <param name="us">In microseconds; a negative one counts as 0.</param>
    public static int BucketOf(long us)
    {
        if (us <= 0) return 0;
        int bit = BitOperations.Log2((ulong)us);
        if (bit >= FirstOf.Length) return Buckets - 1;
        int bucket = FirstOf[bit];
        ReadOnlySpan<int> bounds = BoundsUs;
        while (bucket < bounds.Length && us > bounds[bucket]) bucket++;
        return bucket;
    }

    /// <summary>Counts one. The writer of the block alone.</summary>
    /// <param name="us">In microseconds; a negative one counts as 0.</param>
    public void Add(long us)
    {
        _buckets[BucketOf(us)]++;
        _sumUs += Math.Max(us, 0);
    }

    /// <summary>The names of its longs, in order.</summary>
    internal static IEnumerable<string> NamesOf(string name) =>
        Enumerable.Range(0, Buckets).Select(i => $"{name}.{(i < BoundsUs.Length ? BoundsUs[i] : "inf")}").Append($"{name}.sumUs");

    [InlineArray(Buckets)]
    private struct BucketArray
    {
        private long _first;
    }
}
