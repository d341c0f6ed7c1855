using System.Net;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>Which sessions tell their steps, and the limits of what they tell.</summary>
public sealed class StepTracingTests
{
    private static readonly InetEndPoint Client = InetEndPoint.FromIPv4(0xC0000207, 4711);

    [Theory]
    [InlineData("mail", null, true)]
    [InlineData("web", null, false)]
    [InlineData(null, "192.0.2.0/24", true)]
    [InlineData(null, "198.51.100.0/24", false)]
    [InlineData("mail", "198.51.100.0/24", false)]
    [InlineData("mail", "192.0.2.7/32", true)]
    public void Rule_MeansSessionsThatMatchAllOfIt(string? service, string? clients, bool expected)
    {
        StepTracing tracing = new();
        tracing.Publish([new StepRule("other", null), new StepRule(service, clients is null ? null : new([IPNetwork.Parse(clients)]))]);

        Assert.Equal(expected, tracing.Rules!.Match("mail", Client));
        tracing.Publish([]);
        Assert.Null(tracing.Rules);
    }

    [Fact]
    public void Sessions_AreBounded_AndThoseBeyondAreCounted()
    {
        StepTracing tracing = new();
        for (int i = 0; i < StepTracing.SessionsMax; i++) Assert.True(tracing.TryEnter());

        Assert.False(tracing.TryEnter());
        Assert.Equal(1, tracing.SessionsLeftOut);
        tracing.Leave();
        Assert.True(tracing.TryEnter());
        Assert.Equal(StepTracing.SessionsMax, tracing.Sessions);
    }

    [Fact]
    public void Ring_Full_DropsAndCounts_AndTakesAgainWhenRead()
    {
        StepRing ring = new();
        for (int i = 0; i < StepRing.Capacity + 2; i++) ring.Write(new SessionStep { Id = i });

        Assert.Equal(2, ring.Dropped);
        for (int i = 0; i < StepRing.Capacity; i++)
        {
            Assert.True(ring.TryRead(out SessionStep step));
            Assert.Equal(i, step.Id);
        }
        Assert.False(ring.TryRead(out _));
        ring.Write(new SessionStep { Id = 7, From = EndParty.Upstream });
        Assert.True(ring.TryRead(out SessionStep next));
        Assert.Equal((7, EndParty.Upstream), (next.Id, next.From));
    }
}
