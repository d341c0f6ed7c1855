using FastTcpProxy.Engine.Observability;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Reading the counts again and again.</summary>
public sealed class MetricsReadingTests
{
    private const int Upstreams = 60;

    /// <summary>The program reads them once a second, whatever else it does.</summary>
    [Fact]
    public void Read_IntoAKeptSum_TakesNoMemoryForWhatIsKnown()
    {
        MetricsRegistry registry = MetricsRegistry.Small();
        MetricsNumber service = registry.Take("mail");
        MetricsNumber[] upstreams = [.. Enumerable.Range(0, Upstreams).Select(i => registry.Take("mail", $"u{i}"))];
        MetricsSum sum = new();
        registry.Read(sum);

        long before = GC.GetAllocatedBytesForCurrentThread();
        MetricsSnapshot snapshot = registry.Read(sum);
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Upstreams, snapshot.Services.Single().Upstreams.Length);
        // The snapshot itself; each upstream's counts alone are larger than all of it.
        Assert.InRange(taken, 0, 2048);
        GC.KeepAlive(service);
        GC.KeepAlive(upstreams);
    }

    [Fact]
    public void Read_IntoAKeptSum_IsWhatANewReadingIs()
    {
        MetricsRegistry registry = MetricsRegistry.Small();
        MetricsNumber mail = registry.Take("mail"), first = registry.Take("mail", "a");
        MetricsSum sum = new();
        registry.Loops[0].Service(mail.Value).Accepted = 3;
        registry.Loops[0].Upstream(first.Value).Sessions = 1;
        registry.Read(sum);
        registry.Loops[0].Service(mail.Value).Accepted = 7;
        MetricsNumber web = registry.Take("web"), second = registry.Take("mail", "b");

        MetricsSnapshot kept = registry.Read(sum), made = registry.Read();

        Assert.Equal(["mail", "web"], kept.Services.Select(s => s.Name));
        Assert.Equal(["a", "b"], kept.Services[0].Upstreams.Select(u => u.Name));
        Assert.Equal((7, 1), (kept.Services[0].Counts.Accepted, kept.Services[0].Upstreams[0].Counts.Sessions));
        Assert.Equal(made.Services.Select(s => (s.Name, s.Counts.Accepted)), kept.Services.Select(s => (s.Name, s.Counts.Accepted)));
        GC.KeepAlive((first, second, web));
    }

    [Fact]
    public void Sum_NamesThatAreCountedNoMore_AreGone()
    {
        MetricsSum sum = new();
        sum.Clear(1);
        sum.Service("mail").Accepted = 1;
        sum.Upstream("mail", "a").MutableCounts.Sessions = 1;
        sum.Service("web").Accepted = 2;
        sum.ToSnapshot(0);

        sum.Clear(1);
        sum.Service("web").Accepted += 3;
        MetricsSnapshot snapshot = sum.ToSnapshot(0);
        Assert.Equal([("web", 3L)], snapshot.Services.Select(s => (s.Name, s.Counts.Accepted)));

        sum.Clear(1);
        _ = sum.Upstream("mail", "b");
        Assert.Equal([("mail", 0L, "b")], sum.ToSnapshot(0).Services.Select(s => (s.Name, s.Counts.Accepted, s.Upstreams.Single().Name)));
    }
}
