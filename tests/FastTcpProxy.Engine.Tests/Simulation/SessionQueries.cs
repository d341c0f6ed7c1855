using System.Net;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Sessions;
using FastTcpProxy.Testing.Simulation;

namespace FastTcpProxy.Engine.Tests.Simulation;

/// <summary>A harness of two upstreams, and what operators ask of its sessions.</summary>
internal static class SessionQueries
{
    public static readonly PeerStep[] Stay = [PeerStep.Send(10), PeerStep.AwaitEnd];

    public static SessionHarness Two()
    {
        SessionHarness harness = new();
        harness.AddUpstream(script: _ => ([], false));
        harness.AddUpstream(script: _ => ([], false));
        harness.Start();
        return harness;
    }

    public static ServiceState WithHeader(SessionHarness harness) => new(harness.Service.Definition with
    {
        AcceptProxy = new AcceptProxyDefinition { From = new NetworkSet([IPNetwork.Parse("0.0.0.0/0")]) },
    });

    public static List<SessionView> List(SessionHarness harness, SessionFilter filter, int max = 1000)
    {
        List<SessionView>? views = null;
        harness.World.InLoop(() => new SessionListing(harness.World.Context, filter.ToPredicate(), max, found => views = found).Run());
        Assert.True(harness.World.RunUntil(() => views is not null, 100));
        return views!;
    }

    public static int Kill(SessionHarness harness, SessionFilter filter)
    {
        int? ended = null;
        harness.World.InLoop(() => new SessionSweep(harness.World.Context, filter.ToPredicate(), EndParty.Operator, EndCause.Killed,
            count => ended = count).Run());
        Assert.True(harness.World.RunUntil(() => ended is not null, 100));
        return ended!.Value;
    }

    public static void End(SessionHarness harness, int clients)
    {
        harness.World.InLoop(() => harness.World.Context.EndAll(EndParty.Operator, EndCause.Drained));
        Assert.True(harness.RunToEnd(100, clients));
        harness.AssertClean();
    }
}
