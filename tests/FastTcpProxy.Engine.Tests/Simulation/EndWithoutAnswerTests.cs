using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>Which upstreams that end sessions without a byte may not want the header that they begin with.</summary>
public sealed class EndWithoutAnswerTests
{
    /// <summary>Servers wait some seconds for a header. What ends later has another reason.</summary>
    [Theory]
    [InlineData(9_000, 1)]
    [InlineData(11_000, 0)]
    public void UpstreamEnds_WithoutAByte_CountsWhereItIsSoon(int afterMs, int unanswered)
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => ([PeerStep.Pause(afterMs * 1_000L), PeerStep.Reset], false));
        harness.Start();
        ClientRun client = harness.Connect([PeerStep.AwaitEnd]);
        harness.World.RunFor(afterMs + 1_000);

        Assert.Equal(EndParty.Upstream, harness.RecordOf(client).Reason.Party);
        Assert.Equal((1, unanswered),
            (harness.World.Registry.Read().AllUpstreams().SessionsTotal, harness.World.Registry.Read().AllUpstreams().Unanswered));
        harness.AssertClean();
    }
}
