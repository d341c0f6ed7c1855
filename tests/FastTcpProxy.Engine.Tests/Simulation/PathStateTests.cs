using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Transport;
using static FastTcpProxy.Engine.Tests.Simulation.SessionQueries;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Of which sessions the connections are looked at when they end.</summary>
public sealed class PathStateTests
{
    [Theory]
    [InlineData(900, 0)]
    [InlineData(1_100, 4)]
    public void End_OfSessionsThatLasted_IsLookedAt(int lastedMs, int expected)
    {
        SessionHarness harness = Two();
        for (int i = 0; i < 4; i++) harness.Connect(Stay);
        harness.World.RunFor(lastedMs);
        End(harness, 4);

        AssertSeen(harness, expected);
    }

    [Fact]
    public void End_OfShortSessions_IsLookedAtOnceInSixteen()
    {
        SessionHarness harness = Two();
        for (int i = 0; i < 32; i++) harness.Connect(Stay);
        harness.World.RunFor(100);
        End(harness, 32);

        AssertSeen(harness, expected: 2);
    }

    private static void AssertSeen(SessionHarness harness, int expected)
    {
        ServiceCounts counts = harness.World.Registry.Read().AllServices();
        Assert.All((TcpCounts[])[counts.ClientTcp, counts.UpstreamTcp], leg => Assert.Equal(
            (expected, expected * 1_000L, expected * 2L, (long)expected),
            (leg.RoundTrip.Count, leg.RoundTrip.SumUs, leg.Retransmits, leg.Lost)));
        PathState seen = new(RoundTripUs: 1_000, Retransmits: 2, Lost: 1);
        Assert.Equal(expected, harness.Clients.Count(
            c => harness.RecordOf(c).ClientPath == seen && harness.RecordOf(c).UpstreamPath == seen));
    }
}
