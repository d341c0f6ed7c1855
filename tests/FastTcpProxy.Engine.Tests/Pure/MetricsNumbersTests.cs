using System.Runtime.CompilerServices;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>
/// The numbers by which services and upstreams are counted: who has which, when one is free again, and what is counted then.
/// </summary>
public sealed class MetricsNumbersTests
{
    [Fact]
    public void Take_NameThatIsHeld_HasOneNumberUntilTheLastHolderIsGone()
    {
        NumberTable table = new(4);
        MetricsName name = new("a");
        Assert.Equal((1, 1, 2), (table.Take(name), table.Take(name), table.Take(new MetricsName("a", "u"))));

        Assert.False(table.Leave(1));
        Assert.Equal(1, table.Find(name));
        Assert.True(table.Leave(1));
        Assert.Null(table.Find(name));
    }

    /// <summary>A number that waits to be freed belongs to no name, and no other name gets it before its counts are away.</summary>
    [Fact]
    public void Take_WhileANumberWaitsToBeFreed_GivesAnother()
    {
        NumberTable table = new(4);
        table.Take(new MetricsName("a"));
        table.Leave(1);
        Assert.Equal(2, table.Take(new MetricsName("b")));
        Assert.Equal(3, table.Take(new MetricsName("a")));
        Assert.Null(table.Take(new MetricsName("c")));

        table.Free(1);
        Assert.Equal(1, table.Take(new MetricsName("c")));
        Assert.Equal([(1, "c"), (2, "b"), (3, "a")], table.Names.Select(n => (n.Number, n.Name.Service)));
    }

    [Fact]
    public void Read_NothingHoldsTheNumber_ItsCountsGoToTheSumsAndAnotherNameHasIt()
    {
        MetricsRegistry registry = MetricsRegistry.Small();
        int number = CountAndForget(registry, "gone", 3);
        CollectNumbers();

        MetricsSnapshot counted = registry.Read();
        Assert.Empty(counted.Services);
        Assert.Equal(3, counted.Departed.Counts.Accepted);
        Assert.Equal((3, 3), (counted.Departed.Upstreams[0].Counts.SessionsTotal, counted.Departed.Upstreams[0].Checks.Good));

        Assert.Equal(number, CountAndForget(registry, "next", 5));
        CollectNumbers();
        Assert.Equal(8, registry.Read().AllServices().Accepted);
        Assert.Equal(8, registry.Read().AllUpstreams().SessionsTotal);
    }

    [Fact]
    public void Read_NameHasGoneAndCome_NothingIsLost()
    {
        MetricsRegistry registry = MetricsRegistry.Small();
        CountAndForget(registry, "s", 3);
        MetricsNumber again = registry.Take("s");
        registry.Loops[0].Service(again.Value).Accepted += 4;
        CollectNumbers();

        // Whether the number was the same one or another depends on when the old holder was collected.
        Assert.Equal(7, registry.Read().AllServices().Accepted);
        GC.KeepAlive(again);
    }

    /// <summary>
    /// Names that are gone hold their numbers until the collector has been there, which in a quiet process is late: at a full table it is
    /// asked to come.
    /// </summary>
    [Fact]
    public void Take_TableIsFullOfWhatIsGone_TheCollectorIsAsked()
    {
        MetricsRegistry registry = MetricsRegistry.Small(servicesMax: 4);
        for (int i = 0; i < 50; i++) CountAndForget(registry, $"s{i}", 1);

        Assert.Equal(0, registry.NumbersMissing);
        CollectNumbers();
        Assert.Equal(50, registry.Read().AllServices().Accepted);
    }

    [Fact]
    public void Take_TableIsFullOfWhatIsUsed_CountsInTheSumsAndSaysHowOften()
    {
        MetricsRegistry registry = MetricsRegistry.Small(servicesMax: 3);
        MetricsNumber[] held = [.. Enumerable.Range(0, 4).Select(i => registry.Take($"s{i}"))];

        Assert.Equal([1, 2, MetricsRegistry.Nameless, MetricsRegistry.Nameless], held.Select(n => n.Value));
        foreach (MetricsNumber number in held) registry.Loops[0].Service(number.Value).Accepted++;
        MetricsSnapshot counted = registry.Read();
        Assert.Equal(["s0", "s1"], counted.Services.Select(s => s.Name));
        Assert.Equal((2, 4), (counted.Departed.Counts.Accepted, counted.AllServices().Accepted));
        Assert.Equal(2, registry.NumbersMissing);
        GC.KeepAlive(held);
    }

    /// <summary>The next process has the index of the offer: a number keeps its meaning from then on.</summary>
    [Fact]
    public void Read_AfterTheOffer_NoNumberIsFreed()
    {
        MetricsRegistry registry = GivenMetrics.Offerable();
        CountAndForget(registry, "gone", 3);
        Assert.NotEmpty(registry.Offer());
        CollectNumbers();

        Assert.Equal("gone", Assert.Single(registry.Read().Services).Name);

        registry.Withdraw();
        Assert.Empty(registry.Read().Services);
        Assert.Equal(3, registry.Read().Departed.Counts.Accepted);
    }

    private static void CollectNumbers()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int CountAndForget(MetricsRegistry registry, string name, int count)
    {
        MetricsNumber service = registry.Take(name), upstream = registry.Take(name, "u");
        registry.Loops[0].Service(service.Value).Accepted += count;
        registry.Loops[0].Upstream(upstream.Value).SessionsTotal += count;
        upstream.CountCheck(new CheckCounts { Good = count });
        GC.KeepAlive(service);
        return service.Value;
    }
}
