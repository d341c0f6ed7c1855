using System.Net;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Networks;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Engine.Tests.Pure;

/// <summary>What a client is judged by, what is counted of it, and that all of it is given back.</summary>
public sealed class GuardStateTests
{
    private static readonly AdmissionFacts Facts = new(true, true, false, false, false);
    private static readonly NetworkEntry Denies = new(NetworkOf("192.0.2.0", 24), NetworkAction.Deny, 1);

    private readonly GuardState _guards = new(SourceTable.CapacityMin);
    private long _nowUs = 1_000_000_000;

    [Theory]
    [InlineData("192.0.2.7", AdmissionVerdict.Denied)]
    [InlineData("::ffff:192.0.2.7", AdmissionVerdict.Denied)]
    [InlineData("64:ff9b::192.0.2.7", AdmissionVerdict.Denied)]
    [InlineData("192.0.3.7", AdmissionVerdict.Serve)]
    public void Deny_CountsTheIPv4AddressThatIsMeant(string client, AdmissionVerdict verdict) =>
        Assert.Equal(verdict, Judge(Serving(new GuardPolicy { Networks = Listing(Denies) }), client));

    [Fact]
    public void Entry_OfRunTime_HoldsBesideThoseOfTheConfiguration()
    {
        ServiceState service = Serving(new GuardPolicy { Networks = Listing(Denies) }), other = Serving(null);
        NetworkEntry allows = new(NetworkOf("192.0.2.7", 32), NetworkAction.Allow, 9);
        _guards.Entries.Set(allows, 0);
        Assert.Equal(AdmissionVerdict.Serve, Judge(service, "192.0.2.7"));
        Assert.Equal(AdmissionVerdict.Denied, Judge(service, "192.0.2.8"));
        _guards.Entries.Set(Denies with { Network = NetworkOf("198.51.100.0", 24) }, 0);
        Assert.Equal(AdmissionVerdict.Denied, Judge(other, "198.51.100.1"));
        _guards.Entries.Set(allows with { Network = NetworkOf("198.51.100.1", 32), Expires = GuardState.NowS(_nowUs) + 2 }, 0);
        Assert.Equal(AdmissionVerdict.Serve, Judge(other, "198.51.100.1"));
        _nowUs += 2_000_000;
        Assert.Equal(AdmissionVerdict.Denied, Judge(other, "198.51.100.1"));
    }

    [Fact]
    public void DefaultDrop_ServesTheAllowedOnly()
    {
        NetworkEntry allows = new(NetworkOf("192.0.2.7", 32), NetworkAction.Allow, 0);
        ServiceState service = Serving(new GuardPolicy { Networks = Listing(allows), ServesUnlisted = false });
        Assert.Equal(AdmissionVerdict.Serve, Judge(service, "192.0.2.7"));
        Assert.Equal(AdmissionVerdict.NotAllowed, Judge(service, "192.0.2.8"));
    }

    /// <summary>A client of a UNIX socket has no address by which it could be judged.</summary>
    [Fact]
    public void Client_WithoutAnAddress_IsServed()
    {
        ServiceState service = Serving(new GuardPolicy { ServesUnlisted = false, PerSource = Sessions(1) });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(AdmissionVerdict.Serve,
                _guards.Judge(Facts, service.Definition.Guards, service.Guarded, default, _nowUs, 0, out GuardTicket _));
        }
    }

    [Fact]
    public void Sessions_AreSharedByServicesWithoutLimitsOfTheirOwn()
    {
        GuardPolicy shared = new() { PerSource = Sessions(2) };
        ServiceState one = Serving(shared), two = Serving(shared), own = Serving(shared with { HasOwnSources = true });
        Assert.Equal(AdmissionVerdict.Serve, Judge(one, "192.0.2.1", out GuardTicket first));
        Assert.Equal(AdmissionVerdict.Serve, Judge(two, "192.0.2.1"));
        Assert.Equal(AdmissionVerdict.SourceSessions, Judge(one, "192.0.2.1"));
        Assert.Equal(AdmissionVerdict.Serve, Judge(own, "192.0.2.1"));
        Assert.Equal(AdmissionVerdict.Serve, Judge(one, "192.0.2.2"));
        _guards.Release(ref first, wasServed: true, _nowUs, 0);
        Assert.Equal(AdmissionVerdict.Serve, Judge(two, "192.0.2.1"));
    }

    [Fact]
    public void Allowed_IsCountedNowhere()
    {
        NetworkEntry allows = new(NetworkOf("192.0.2.1", 32), NetworkAction.Allow, 0);
        ServiceState service = Serving(new GuardPolicy { Networks = Listing(allows), PerSource = Sessions(1) });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(AdmissionVerdict.Serve, Judge(service, "192.0.2.1", out GuardTicket ticket));
            Assert.True(ticket.IsNowhere);
        }
    }

    [Fact]
    public void Source_ThatIsRefusedSoOften_IsBanned()
    {
        BanTerms ban = new(3, 60_000, 10_000, 60_000);
        ServiceState service = Serving(new GuardPolicy { PerSource = Sessions(1) with { Ban = ban } });
        Judge(service, "192.0.2.1", out GuardTicket ticket);
        for (int i = 0; i < 3; i++) Assert.Equal(AdmissionVerdict.SourceSessions, Judge(service, "192.0.2.1"));
        _guards.Release(ref ticket, wasServed: true, _nowUs, 0);
        Assert.Equal(AdmissionVerdict.Banned, Judge(service, "192.0.2.1"));
        Assert.Equal(SourceVerdict.Banned, Look(service, "192.0.2.1").SourceVerdict);
        _nowUs += 10_100_000;
        Assert.Equal(AdmissionVerdict.Serve, Judge(service, "192.0.2.1"));
    }

    /// <summary>A client that the limits of all refuse costs its source nothing, and one that those of its source refuse costs all
    /// nothing.</summary>
    [Fact]
    public void Refusal_TakesNothing()
    {
        TokenRate slow = TokenRate.Of(0.1, 2);
        ServiceState service = Serving(new GuardPolicy { PerSource = Sessions(1), Total = new TotalLimits(slow, 0) });
        Assert.Equal(AdmissionVerdict.Serve, Judge(service, "192.0.2.1"));
        for (int i = 0; i < 5; i++) Assert.Equal(AdmissionVerdict.SourceSessions, Judge(service, "192.0.2.1"));
        Assert.Equal(AdmissionVerdict.Serve, Judge(service, "192.0.2.2"));
        Assert.Equal(AdmissionVerdict.TotalRate, Judge(service, "192.0.2.3"));
        Assert.Equal(0, Look(service, "192.0.2.3").Source!.Value.Sessions);
    }

    [Fact]
    public void PendingConnects_EndWithTheConnect()
    {
        TokenRate slow = TokenRate.Of(0.1, 3);
        ServiceState service = Serving(new GuardPolicy { Total = new TotalLimits(slow, 1) });
        Assert.Equal(AdmissionVerdict.Serve, Judge(service, "192.0.2.1", out GuardTicket ticket));
        // Each of them gives the token back that it took.
        for (int i = 0; i < 5; i++) Assert.Equal(AdmissionVerdict.PendingConnects, Judge(service, "192.0.2.2"));
        ticket.LeaveConnecting(0);
        Assert.Equal(AdmissionVerdict.Serve, Judge(service, "192.0.2.2"));
    }

    [Fact]
    public void Look_NamesTheEntryThatDecides()
    {
        NetworkEntry narrow = new(NetworkOf("192.0.2.7", 32), NetworkAction.Deny, 2);
        ServiceState service = Serving(new GuardPolicy { Networks = Listing(Denies, narrow) });
        GuardView view = Look(service, "192.0.2.7");
        Assert.Equal((NetworkVerdict.Denied, "in 2", 2), (view.Listed, view.Decisive!.Origin, view.Entries.Length));
        Assert.Equal(AdmissionVerdict.Denied, Admission.Decide(view.Add(Facts)));
        Assert.Null(Look(service, "192.0.3.7").Decisive);
    }

    private static Network NetworkOf(string address, int length) => Network.Of(End(address), length, out _)!.Value;

    private static InetEndPoint End(string address) => InetEndPoint.FromIPEndPoint(new IPEndPoint(IPAddress.Parse(address), 1));

    private static SourceLimits Sessions(int max) => new(max, default, BanTerms.None);

    private static GuardNetworks Listing(params NetworkEntry[] entries) => GuardNetworks.Of(entries, ["in 0", "in 1", "in 2"], out _)!;

    private ServiceState Serving(GuardPolicy? policy)
    {
        _guards.Prepare(policy);
        return new ServiceState(new ServiceDefinition { Name = "s", Upstreams = [], Guards = policy });
    }

    private GuardView Look(ServiceState service, string client) =>
        _guards.Look(service.Definition.Guards, service.Guarded, End(client), _nowUs);

    private AdmissionVerdict Judge(ServiceState service, string client) => Judge(service, client, out _);

    private AdmissionVerdict Judge(ServiceState service, string client, out GuardTicket ticket) =>
        _guards.Judge(Facts, service.Definition.Guards, service.Guarded, End(client), _nowUs, 0, out ticket);
}
