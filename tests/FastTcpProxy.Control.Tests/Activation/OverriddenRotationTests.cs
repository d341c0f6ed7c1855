using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Tests.Health;
using FastTcpProxy.Control.Tests.Overrides;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Tests.Activation;

/// <summary>What is served with overrides, health and configuration together: the published rotation, and what the engine gets.</summary>
public sealed class OverriddenRotationTests
{
    /// <summary>
    /// Upstreams a, b, c: those the configuration disables, overrides (name=state), those that are down, the order; what is served.
    /// </summary>
    [Theory]
    [InlineData("", "", "", "", "a b c", false)]
    [InlineData("a", "", "", "", "b c", false)]
    [InlineData("a", "a=Enabled", "", "", "a b c", false)]
    [InlineData("a", "a=Enabled", "a", "", "b c", false)]
    [InlineData("", "b=Disabled", "", "", "a c", false)]
    [InlineData("", "b=Draining", "", "c b", "c a", false)]
    [InlineData("", "", "a", "c", "c b", false)]
    // All that may serve are down: they are tried, and only they.
    [InlineData("", "a=Disabled", "b c", "c", "c b", true)]
    [InlineData("a", "b=Draining", "c", "", "c", true)]
    [InlineData("", "a=Disabled", "a b c", "", "b c", true)]
    // A healthy one that is disabled does not count.
    [InlineData("c", "", "a b", "", "a b", true)]
    // No one may serve: that is not health's doing.
    [InlineData("a b c", "", "a b c", "", "", false)]
    [InlineData("", "a=Disabled b=Disabled c=Draining", "", "", "", false)]
    public void Rotation_OfAllThree_IsServed(string disabled, string overrides, string down, string order, string served, bool allDown)
    {
        ProxyConfiguration configuration = Checked.Services(AllDownSetting.TryInOrder, "a", "b", "c");
        foreach (string name in Words(disabled)) configuration = configuration.With(name, u => u with { Enabled = false });
        ServiceComposer composer = new(configuration);
        ActiveService service = composer.Services[0];
        composer.SetOverrides(Set(overrides, order));
        foreach (string name in Words(down)) composer.SetHealthy(service.Upstreams.Single(u => u.Name == name), healthy: false);

        Assert.Equal(served, string.Join(' ', service.State.Definition.Upstreams.Select(u => u.Name)));
        Assert.Equal(served, string.Join(' ', service.Rotation.Places.Where(p => p.IsServing).Select(p => p.Configuration.Name)));
        Assert.Equal(3, service.Rotation.Places.Length);
        Assert.Equal(allDown, service.Rotation.IsAllDown);
    }

    [Fact]
    public void Reload_OtherOrderAndNames_WhoKeepsItsNameStaysTheSame()
    {
        ServiceComposer composer = new(Overridden.Two);
        ActiveService service = composer.Services[0];
        ActiveUpstream[] before = [.. service.Upstreams];
        composer.SetHealthy(before[1], healthy: false);
        ProxyConfiguration next = Overridden.Configuration(("s", "c d a"));

        composer.Apply(composer.Plan(next), OverrideSnapshot.Empty);

        Assert.Same(service, Assert.Single(composer.Services));
        Assert.Equal([before[2], before[0]], [service.Upstreams[0], service.Upstreams[2]]);
        Assert.Same(before[2].Activity, service.State.Definition.Upstreams[0].Activity);
        Assert.Equal("c d a", string.Join(' ', service.State.Definition.Upstreams.Select(u => u.Name)));
    }

    [Fact]
    public void Plan_ChangesNothing()
    {
        ServiceComposer composer = new(Overridden.Two);
        var before = composer.Services.Select(s => (s, s.Rotation, s.State.Definition)).ToArray();

        Assert.Equal(2, composer.Plan(Overridden.Configuration(("s", "b"), ("new", "z"))).Length);

        Assert.Equal(before, composer.Services.Select(s => (s, s.Rotation, s.State.Definition)));
    }

    [Fact]
    public void Reload_NewServiceWithAName_HasTheAddressesThatWereFoundMeanwhile()
    {
        ServiceComposer composer = new(Overridden.Two);
        ImmutableArray<PlannedService> plan = composer.Plan(Given.Upstreams("mail.example:25"));
        // The resolver is asked between plan and apply, for the names that are new.
        composer.SetAddresses("mail.example", [System.Net.IPAddress.Parse("192.0.2.77")]);

        composer.Apply(plan, OverrideSnapshot.Empty);

        Assert.Equal("192.0.2.77:25", Assert.Single(composer.Services[0].State.Definition.Upstreams[0].Addresses).Text);
    }

    [Fact]
    public void Reload_SameAddress_KeepsWhatItsAddressesHaveLearned_AnotherModeDoesNot()
    {
        ServiceComposer composer = new(Overridden.Two);
        var before = composer.Services[0].State.Definition.Upstreams[0];
        composer.Apply(composer.Plan(Overridden.Two with { Services =
            [Overridden.Two.Services[0] with { Settings = ServiceSettings.Default with { SessionsMax = 7 } }] }), OverrideSnapshot.Empty);
        Assert.Same(before, composer.Services[0].State.Definition.Upstreams[0]);
        Assert.Equal(7, composer.Services[0].State.Definition.SessionsMax);

        composer.Apply(composer.Plan(Overridden.Two.With("a", u => u with { Mode = HeaderMode.Raw })), OverrideSnapshot.Empty);
        Assert.NotSame(before, composer.Services[0].State.Definition.Upstreams[0]);
        Assert.Same(before.Activity, composer.Services[0].State.Definition.Upstreams[0].Activity);
    }

    /// <summary>Health outlives a reload while it is the same server.</summary>
    [Theory]
    [InlineData("interval", false)]
    [InlineData("address", true)]
    [InlineData("unchecked", true)]
    public void Reload_OfOneThatIsDown_KeepsItsHealthWhileItIsTheSameServer(string change, bool serves)
    {
        ProxyConfiguration configuration = Checked.Services(AllDownSetting.Fail, "a");
        ServiceComposer composer = new(configuration);
        composer.SetHealthy(composer.Services[0].Upstreams[0], healthy: false);

        composer.Apply(composer.Plan(configuration.With("a", u => change switch
        {
            "interval" => u with { HealthCheck = u.HealthCheck! with { Interval = TimeSpan.FromSeconds(1) } },
            "address" => u with { Address = Overridden.Address("192.0.2.99:1") },
            _ => u with { HealthCheck = null },
        })), OverrideSnapshot.Empty);

        Assert.Equal(serves, composer.Services[0].Rotation.Places[0].IsServing);
    }

    private static OverrideSnapshot Set(string overrides, string order)
    {
        IEnumerable<Override> all = Words(overrides).Select(o => o.Split('='))
            .Select(o => new UpstreamOverride("s", o[0], Enum.Parse<OverrideState>(o[1]), "", "root"));
        if (order.Length > 0) all = all.Append(new OrderOverride("s", [.. Words(order)], "", "root"));
        return all.Aggregate(OverrideSnapshot.Empty, (snapshot, o) => snapshot.With(o));
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
