using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>
/// A client that ends before an upstream has accepted: what becomes of it depends on the service and on how it ended, and never on how long
/// the connect takes. The client is first looked at 100 ms after the connect began, so the times lie on both sides of that.
/// </summary>
public sealed class ClientEndsEarlyTests
{
    public static TheoryData<int, int> TimesAndBytes
    {
        get
        {
            TheoryData<int, int> data = [];
            foreach (int connectMs in (int[])[0, 90, 110, 900])
            {
                foreach (int bytes in (int[])[0, 1000]) data.Add(connectMs, bytes);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TimesAndBytes))]
    public void Client_HalfClosesAndIsToBeServed_ItsEndIsPassedOnAndItGetsTheAnswer(int connectMs, int bytes)
    {
        PeerStep[] answers = [PeerStep.AwaitEnd, PeerStep.Send(700), PeerStep.HalfClose];
        SessionHarness harness = Run(connectMs, abortOnClose: false, Script(bytes, PeerStep.HalfClose, PeerStep.AwaitEnd), answers);
        SessionRecord record = harness.RecordOf(harness.Clients[0]);
        Assert.Equal("client.relay.ended", record.Reason.ToString());
        Assert.Equal((bytes, 700L), (record.BytesFromClient, record.BytesFromUpstream));
        Assert.Equal(700, harness.Clients[0].Peer.ReceivedBytes);
        Assert.Equal(bytes, harness.Clients[0].Upstreams[0].Payload);
        harness.AssertClean();
    }

    [Theory]
    [MemberData(nameof(TimesAndBytes))]
    public void Client_HalfClosesAndIsNotToBeServed_IsLetGoAndTheUpstreamGetsNothing(int connectMs, int bytes)
    {
        SessionHarness harness = Run(connectMs, abortOnClose: true, Script(bytes, PeerStep.HalfClose, PeerStep.AwaitEnd),
            [PeerStep.AwaitEnd, PeerStep.HalfClose]);
        SessionRecord record = harness.RecordOf(harness.Clients[0]);
        Assert.Equal("client.connect.closed", record.Reason.ToString());
        Assert.Equal(AttemptOutcome.Abandoned, record.Attempts[0].Outcome);
        Assert.All(harness.Clients[0].Upstreams, u => Assert.Equal(0, u.Peer.ReceivedBytes));
        Assert.True(harness.Clients[0].Peer.SawReset);
        harness.AssertClean();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Client_ResetsWhileAConnectIsSlow_EndsTheSessionInBothSettings(bool abortOnClose)
    {
        SessionHarness harness = Run(900, abortOnClose, [PeerStep.Send(10), PeerStep.Pause(50_000), PeerStep.Reset], []);
        SessionRecord record = harness.RecordOf(harness.Clients[0]);
        Assert.Equal("client.connect.reset", record.Reason.ToString());
        Assert.InRange(record.TotalUs, 50_000, 850_000);
        harness.AssertClean();
    }

    private static PeerStep[] Script(int bytes, params PeerStep[] then) => bytes == 0 ? then : [PeerStep.Send(bytes), .. then];

    private static SessionHarness Run(int connectMs, bool abortOnClose, PeerStep[] client, PeerStep[] upstream)
    {
        SessionHarness harness = new();
        harness.AddUpstream(delayUs: connectMs * 1000L, script: _ => (upstream, false));
        harness.Start(d => d with { AbortOnClose = abortOnClose });
        harness.Connect(client);
        Assert.True(harness.RunToEnd(10_000, 1), "the session did not end");
        return harness;
    }
}
