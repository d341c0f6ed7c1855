using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Status;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.Testing.Time;

namespace FastTcpProxy.Control.Tests.Status;

/// <summary>What is told of upstreams that sessions begin to try last, and stop to.</summary>
public sealed class StandingChangesTests
{
    private readonly SettableTime _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly ServiceComposer _composer;
    private readonly StandingChanges _changes;

    public StandingChangesTests()
    {
        _composer = Compose(s => s with
        {
            Hedge = HedgePolicy.Default, Suspect = SuspectPolicy.Default, Passive = PassivePolicy.Default,
        }, 2);
        _changes = new StandingChanges(_composer, _time);
    }

    private long NowMs => AddressStanding.NowMs(_time);

    [Fact]
    public void Suspect_IsToldOnce_AndItsEndWithTheTime()
    {
        Assert.Empty(_changes.Find());
        Suspect(0);

        StandingChange told = Assert.Single(_changes.Find());
        Assert.Equal(("s", "192.0.2.1:1", StandingKind.Suspect, TimeSpan.Zero), (told.Service, told.Upstream, told.Kind, told.HeldFor));
        Assert.StartsWith("suspect: 5 clients in a row got no answer within 250 ms; tried last", told.Text, StringComparison.Ordinal);
        Assert.Empty(_changes.Find());

        _time.Advance(TimeSpan.FromSeconds(12));
        StandingOf(0).Accepted(NowMs);
        told = Assert.Single(_changes.Find());
        Assert.Equal((StandingKind.Trusted, "", TimeSpan.FromSeconds(12)), (told.Kind, told.Text, told.HeldFor));
        Assert.Empty(_changes.Find());
    }

    /// <summary>A client that tries it and gets no answer is no news.</summary>
    [Fact]
    public void Suspect_ProbedInVain_IsNotToldAgain()
    {
        Suspect(0);
        Assert.Single(_changes.Find());
        _time.Advance(TimeSpan.FromSeconds(2));
        long giveUpMs = NowMs + 1_000;
        Assert.True(StandingOf(0).TryProbe(NowMs, giveUpMs));
        Assert.Empty(_changes.Find());
        StandingOf(0).Silent(NowMs, SuspectPolicy.Default.Terms, rampMs: 0, giveUpMs);
        Assert.Empty(_changes.Find());
    }

    [Fact]
    public void Ejected_IsTold_AndThatItsHoldIsOver()
    {
        for (int i = 0; i < 5; i++) StandingOf(1).Reset(NowMs, PassivePolicy.Default.Terms, rampMs: 0);
        StandingChange told = Assert.Single(_changes.Find());
        Assert.Equal((StandingKind.Ejected, "192.0.2.2:1"), (told.Kind, told.Upstream));
        _time.Advance(PassivePolicy.Default.Hold);
        Assert.Equal(StandingKind.Trusted, Assert.Single(_changes.Find()).Kind);
    }

    [Fact]
    public void Many_AtOnce_AreToldByAndBy()
    {
        ServiceComposer composer = Compose(s => s with { Suspect = SuspectPolicy.Default }, StandingChanges.ToldMax + 3);
        StandingChanges changes = new(composer, _time);
        foreach (ActiveUpstream upstream in composer.Services[0].Upstreams) Suspect(upstream.Definition.Addresses[0].Standing);

        Assert.Equal(StandingChanges.ToldMax, changes.Find().Length);
        Assert.Equal(3, changes.Find().Length);
        Assert.Empty(changes.Find());
    }

    /// <summary>Of a name with several addresses each is told by itself.</summary>
    [Fact]
    public void Addresses_Several_AreToldEach()
    {
        ServiceComposer composer = Compose(s => s with { Suspect = SuspectPolicy.Default }, "mail.example:25");
        composer.SetAddresses("mail.example", [IPAddress.Parse("192.0.2.8"), IPAddress.Parse("192.0.2.9")]);
        StandingChanges changes = new(composer, _time);
        foreach (UpstreamAddress address in composer.Services[0].Upstreams[0].Definition.Addresses)
        {
            Suspect(address.Standing);
            StandingChange told = Assert.Single(changes.Find());
            Assert.Equal(("mail.example:25", address.Text, StandingKind.Suspect), (told.Upstream, told.Address, told.Kind));
            Assert.StartsWith("suspect: 5 clients", told.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Service_WithoutTheKeys_IsNotLookedAt()
    {
        ServiceComposer composer = Compose(s => s, 2);
        Suspect(composer.Services[0].Upstreams[0].Definition.Addresses[0].Standing);
        Assert.Empty(new StandingChanges(composer, _time).Find());
    }

    private static ServiceComposer Compose(Func<ServiceSettings, ServiceSettings> change, int upstreams) =>
        Compose(change, [.. Enumerable.Range(1, upstreams).Select(i => $"192.0.2.{i}:1")]);

    private static ServiceComposer Compose(Func<ServiceSettings, ServiceSettings> change, params string[] upstreams)
    {
        var configuration = Activation.Given.Upstreams(upstreams);
        return new ServiceComposer(configuration with
        {
            Services = [.. configuration.Services.Select(s => s with { Settings = change(s.Settings) })],
        });
    }

    private AddressStanding StandingOf(int upstream) => _composer.Services[0].Upstreams[upstream].Definition.Addresses[0].Standing;

    private void Suspect(int upstream) => Suspect(StandingOf(upstream));

    private void Suspect(AddressStanding standing)
    {
        for (int i = 0; i < 5; i++) standing.Silent(NowMs, SuspectPolicy.Default.Terms, rampMs: 0);
    }
}
