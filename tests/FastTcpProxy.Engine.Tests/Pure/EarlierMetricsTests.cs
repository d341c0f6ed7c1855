using System.Globalization;
using System.Text;
using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>What a process counts together with those before it.</summary>
public sealed class EarlierMetricsTests
{
    [Fact]
    public void Read_EarlierProcessLives_IsInTheSums()
    {
        MetricsRegistry registry = MetricsRegistry.Small();
        MetricsNumber held = registry.Take("s");
        registry.Adopt([GivenMetrics.Earlier("s", 3, loops: 2)]);
        registry.Settle();
        registry.Loops[0].Service(held.Value).Accepted = 4;

        MetricsSnapshot counted = registry.Read();

        Assert.Equal(7, Assert.Single(counted.Services).Counts.Accepted);
        Assert.Equal((1, 1, 0), (counted.Process.Faults, counted.Process.ReloadsSucceeded, counted.Process.Buffers));
        Assert.Equal(1, counted.Generations);
        GC.KeepAlive(held);
    }

    /// <summary>What was taken over is counted once, and is no news of this process.</summary>
    [Fact]
    public void Read_EarlierProcessHasEnded_IsTakenOverOnceAndIsNotThisProcessesOwn()
    {
        MetricsRegistry registry = MetricsRegistry.Small();
        MetricsNumber held = registry.Take("s"), upstream = registry.Take("s", "u");
        registry.Adopt([GivenMetrics.Earlier("s", 3, isAlive: false)]);
        registry.Settle();
        registry.CountProcess(new LoopCounts { ReloadsSucceeded = 1 });

        for (int i = 0; i < 3; i++)
        {
            MetricsSnapshot counted = registry.Read();
            ServiceMetrics service = Assert.Single(counted.Services);
            UpstreamMetrics u = Assert.Single(service.Upstreams);
            Assert.Equal((3, 0, 3, 3), (service.Counts.Accepted, service.Counts.Active, u.Counts.SessionsTotal, u.Checks.Good));
            Assert.Equal((1, 2, 0), (counted.Process.Faults, counted.Process.ReloadsSucceeded, counted.Generations));
            Assert.Equal(0, new MetricsReader(registry).ReadLoops().Faults);
        }
        GC.KeepAlive(held);
        GC.KeepAlive(upstream);
    }

    [Fact]
    public void Read_ServiceOfAnEarlierProcessIsNotConfigured_IsNamedWhileThatLivesAndThenInTheSums()
    {
        MetricsRegistry registry = MetricsRegistry.Small();
        registry.Adopt([GivenMetrics.Earlier("old", 3, isAlive: false)]);
        Assert.Equal("old", Assert.Single(registry.Read().Services).Name);

        registry.Settle();

        Assert.Empty(registry.Read().Services);
        Assert.Equal((3, 3), (registry.Read().AllServices().Accepted, registry.Read().AllUpstreams().SessionsTotal));
    }

    [Fact]
    public void Read_MoreProcessesThanAreKept_TheOldestAreTakenOverAndNothingIsLost()
    {
        const int processes = MetricsRegistry.EarlierMax + 3;
        MetricsRegistry registry = MetricsRegistry.Small();
        MetricsNumber held = registry.Take("s");
        registry.Adopt([.. Enumerable.Range(0, processes).Select(i => GivenMetrics.Earlier("s", 1 << i))]);
        registry.Settle();

        MetricsSnapshot counted = registry.Read();

        Assert.Equal((1 << processes) - 1, counted.AllServices().Accepted);
        Assert.Equal((processes, MetricsRegistry.EarlierMax), (counted.Process.Faults, counted.Generations));
        GC.KeepAlive(held);
    }

    /// <summary>Another version has other longs in other places, and one that this one does not know.</summary>
    [Fact]
    public void AddTo_IndexOfAnotherLayout_IsReadByName()
    {
        GivenMemory memory = new(new MetricsLayout(2, 4, 80));
        const long services = MetricsLayout.HeadBytes + 512, upstreams = services + 512, checks = upstreams + 512;
        Put(memory, services + 32 + 8, 5);
        Put(memory, services + 256 + 32 + 8, 6);
        Put(memory, services + 32, 99);
        Put(memory, upstreams + 8, 7);
        string index = "fasttcpproxy counters 1\n" + Line(MetricsLayout.HeadBytes, 16, 2, "faults,unheardOf")
            + Line(services, 32, 2, "unheardOf,accepted")
            + Line(upstreams, 8, 1, "sessionsTotal") + Line(checks, 8, 1, "good") + "service\t1\ts\nupstream\t1\ts\tu\nnews\t1\n";
        MetricsSum sum = new();

        new EarlierMetrics(memory, MetricsIndex.Parse(Encoding.UTF8.GetBytes(index), memory.Bytes)).AddTo(sum, isAlive: true);

        ServiceMetrics service = Assert.Single(sum.ToSnapshot(0).Services);
        Assert.Equal(("s", 11), (service.Name, service.Counts.Accepted));
        Assert.Equal(("u", 7), (service.Upstreams[0].Name, service.Upstreams[0].Counts.SessionsTotal));

        static string Line(long offset, long stride, int columns, string names) =>
            string.Create(CultureInfo.InvariantCulture, $"block\t{offset}\t{stride}\t{columns}\t256\t{names}\n");
    }

    /// <summary>All that an index names lies within the memory, or it is refused: it comes from another program.</summary>
    [Theory]
    [InlineData("another line", "first line")]
    [InlineData("fasttcpproxy counters 1\nblock\t0\t8\t1\t8\ta", "names 1")]
    public void Parse_NoIndex_IsRefused(string text, string why) => AssertRefused(text, why);

    [Theory]
    [InlineData("-8\t8\t1\t8\ta", "", "no number")]
    [InlineData("65536\t8\t1\t8\ta", "service\t9999999\tx", "kind 1")]
    [InlineData("65536\t8\t1\t8\ta", "upstream\t9999999\tx\ty", "kind 2")]
    [InlineData("65536\t8\t1\t8\ta", "service\t4294967295\tx", "too large")]
    [InlineData("65536\t1099511627776\t1\t8\ta", "service\t2147483647\tx", "kind 0")]
    [InlineData("65536\t8\t1025\t8\ta", "", "kind 0")]
    [InlineData("65536\t8\t4294967297\t8\ta", "", "too large")]
    [InlineData("65537\t8\t1\t8\ta", "", "kind 0")]
    [InlineData("65536\t8\t1\t8\ta,b", "", "kind 0")]
    [InlineData("1099511627776\t8\t1\t8\ta", "", "kind 0")]
    [InlineData("65536\t8\t1000\t1099511627776\ta", "", "kind 0")]
    public void Parse_IndexThatLeadsAstray_IsRefused(string first, string names, string why)
    {
        const string good = "block\t65536\t8\t1\t8\ta\n";
        AssertRefused($"fasttcpproxy counters 1\nblock\t{first}\n{good}{good}{good}{names}", why);
    }

    /// <summary>Strides whose product with a number wraps around to a small one.</summary>
    [Fact]
    public void Parse_ProductThatWraps_IsRefused() => AssertRefused("fasttcpproxy counters 1\n" + string.Concat(
        Enumerable.Repeat("block\t65536\t1099511627776\t1\t8\ta\n", 4)) + "service\t16777215\tx", "kind");

    private static void AssertRefused(string text, string why) => Assert.Contains(why,
        Assert.Throws<FormatException>(() => MetricsIndex.Parse(Encoding.UTF8.GetBytes(text), 1 << 20)).Message);

    private static unsafe void Put(GivenMemory memory, long offset, long value) => *(long*)(memory.Start + offset) = value;
}
