using System.Reflection;
using System.Runtime.CompilerServices;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>The blocks of longs that loops count in, and the table of reasons.</summary>
public sealed class MetricsBlockTests
{
    [Fact]
    public void BucketOf_EachBound_LiesInItsOwnRange()
    {
        for (int i = 0; i < Histogram.BoundsUs.Length; i++)
        {
            int bound = Histogram.BoundsUs[i];
            Assert.Equal((i, i + 1), (Histogram.BucketOf(bound), Histogram.BucketOf(bound + 1)));
        }
    }

    [Fact]
    public void BucketOf_AnyTime_IsTheFirstRangeWhoseBoundIsNotBelow()
    {
        Random random = new(1);
        for (int i = 0; i < 100_000; i++)
        {
            long us = random.NextInt64(1L << random.Next(1, 40));
            Assert.Equal(Histogram.BoundsUs.ToArray().TakeWhile(b => b < us).Count(), Histogram.BucketOf(us));
        }
    }

    [Theory]
    [InlineData(long.MinValue, 0)]
    [InlineData(0, 0)]
    [InlineData(long.MaxValue, Histogram.Buckets - 1)]
    public void BucketOf_NoTime_IsTheFirstOrTheLast(long us, int bucket) => Assert.Equal(bucket, Histogram.BucketOf(us));

    [Fact]
    public void Add_SomeTimes_CountsAndSums()
    {
        Histogram histogram = default;
        foreach (long us in (long[])[50, 100, 101, 40_000_000, -5]) histogram.Add(us);
        Assert.Equal((5, 40_000_251, 3, 1, 1),
            (histogram.Count, histogram.SumUs, histogram[0], histogram[1], histogram[Histogram.Buckets - 1]));
    }

    [Fact]
    public void Names_OfEachBlock_AreOneForEachLong()
    {
        AssertNames<LoopCounts>(LoopCounts.Names);
        AssertNames<ServiceCounts>(ServiceCounts.Names);
        AssertNames<UpstreamCounts>(UpstreamCounts.Names);
        AssertNames<CheckCounts>(CheckCounts.Names);
    }

    [Fact]
    public void NumberOf_EachReasonOfTheList_IsItsPlace()
    {
        Assert.Equal(EndReasons.Unlisted, EndReasons.All.Length);
        Assert.Equal(Enumerable.Range(0, EndReasons.Unlisted), EndReasons.All.Select(EndReasons.NumberOf));
    }

    [Fact]
    public void NumberOf_ReasonThatCannotBe_IsUnlisted()
    {
        Assert.Equal(EndReasons.Unlisted, EndReasons.NumberOf(new EndReason(EndParty.Client, EndPhase.Guard, EndCause.Idle)));
        Assert.Equal(EndReasons.Unlisted, EndReasons.NumberOf(new EndReason(EndParty.Operator, EndPhase.Relay, (EndCause)255)));
    }

    [Fact]
    public void AllFailed_ReasonsOfConnects_AreThoseOfUpstreamsAndOfLacks()
    {
        ServiceCounts counts = default;
        counts.Ended[EndReasons.NumberOf(new EndReason(EndParty.Upstream, EndPhase.Connect, EndCause.Refused))] = 1;
        counts.Ended[EndReasons.NumberOf(new EndReason(EndParty.Proxy, EndPhase.Connect, EndCause.NoUpstream))] = 2;
        counts.Ended[EndReasons.NumberOf(new EndReason(EndParty.Client, EndPhase.Connect, EndCause.Reset))] = 4;
        counts.Ended[EndReasons.NumberOf(new EndReason(EndParty.Proxy, EndPhase.Guard, EndCause.LimitReached))] = 8;
        Assert.Equal((3, 8, 15), (counts.AllFailed, counts.Refused, counts.EndedCount));
    }

    /// <summary>Each field's first long has a name that begins as the field does.</summary>
    private static void AssertNames<T>(IReadOnlyList<string> names)
        where T : unmanaged
    {
        Assert.Equal(Block.LongsOf<T>(), names.Count);
        Assert.Equal(names.Count, names.Distinct().Count());
        int at = 0;
        foreach (FieldInfo field in typeof(T).GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            Assert.StartsWith(field.Name, names[at], StringComparison.OrdinalIgnoreCase);
            at += SizeOf(field.FieldType) / sizeof(long);
        }
        Assert.Equal(names.Count, at);
    }

    private static int SizeOf(Type type) =>
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
}
