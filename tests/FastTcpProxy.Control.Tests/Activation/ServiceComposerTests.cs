using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Tests.Health;
using FastTcpProxy.Control.Tests.Overrides;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Tests.Activation;

/// <summary>Addresses and health come together in what the engine serves.</summary>
public sealed class ServiceComposerTests
{
    [Theory]
    [InlineData("", "a b c")]
    [InlineData("a", "b c")]
    [InlineData("b", "a c")]
    [InlineData("a c", "b")]
    [InlineData("a b c", "a b c")]
    public void Health_TryInOrder_WhatServesKeepsTheListsOrder(string down, string served)
    {
        ServiceComposer composer = new(Checked.Services(AllDownSetting.TryInOrder, "a", "b", "c"));
        Take(composer, down);

        Assert.Equal(served, Served(composer));
        Assert.Equal(served.Split(' ').Length, composer.Services[0].Rotation.Places.Count(p => p.IsServing));
    }

    [Theory]
    [InlineData("a b", "c", false)]
    [InlineData("a b c", "", true)]
    public void Health_Fail_AllDownServesNobody(string down, string served, bool allDown)
    {
        ServiceComposer composer = new(Checked.Services(AllDownSetting.Fail, "a", "b", "c"));
        Take(composer, down);

        Assert.Equal(served, Served(composer));
        Assert.Equal(allDown, composer.Services[0].Rotation.IsAllDown);
    }

    [Fact]
    public void Health_BackAgain_TakesItsPlace()
    {
        ServiceComposer composer = new(Checked.Services(AllDownSetting.TryInOrder, "a", "b", "c"));
        Take(composer, "a b c");
        composer.SetHealthy(composer.Services[0].Upstreams[1], healthy: true);
        Assert.False(composer.Services[0].Rotation.IsAllDown);
        Assert.Equal("b", Served(composer));
        composer.SetHealthy(composer.Services[0].Upstreams[0], healthy: true);
        Assert.Equal("a b", Served(composer));
    }

    [Fact]
    public void Initial_Down_ServesNobodyBeforeItIsChecked()
    {
        ServiceComposer composer = new(Checked.Services(AllDownSetting.Fail, c => c with { InitiallyServing = false }, "a", "b"));
        Assert.Equal("", Served(composer));
    }

    [Fact]
    public void Unchanged_PublishesNothing()
    {
        ServiceComposer composer = new(Checked.Services(AllDownSetting.TryInOrder, "a", "b"));
        ServiceDefinition before = composer.Services[0].State.Definition;
        composer.SetHealthy(composer.Services[0].Upstreams[0], healthy: true);
        Assert.Same(before, composer.Services[0].State.Definition);
    }

    [Fact]
    public void Start_ComposesEachServiceOnce()
    {
        ProxyConfiguration configuration = Given.Configuration(Every("5s"));
        ServiceComposer composer = new(Overridden.Configuration(("other", "x")));
        var plan = composer.Plan(configuration);
        ServiceDefinition[] planned = [.. plan.Select(p => p.Service.State.Definition)];
        Rotation[] rotations = [.. plan.Select(p => p.Service.Rotation)];

        composer.Apply(plan, OverrideSnapshot.Empty);
        composer.SetOverrides(OverrideSnapshot.Empty);
        composer.SetHealthy(composer.Services[0].Upstreams[0], healthy: true);

        Assert.All(composer.Services.Zip(planned), pair => Assert.Same(pair.Second, pair.First.State.Definition));
        Assert.All(composer.Services.Zip(rotations), pair => Assert.Same(pair.Second, pair.First.Rotation));
    }

    [Fact]
    public void Reload_OneServiceHasChanged_OnlyThatOneIsPublished()
    {
        ServiceComposer composer = new(Given.Configuration(Every("5s")));
        var before = composer.Services.Select(s => (s.Rotation, s.State.Definition)).ToArray();

        composer.Apply(composer.Plan(Given.Configuration(Every("6s"))), OverrideSnapshot.Empty);

        Assert.Same(before[0].Rotation, composer.Services[0].Rotation);
        Assert.Same(before[0].Definition, composer.Services[0].State.Definition);
        Assert.NotSame(before[1].Definition, composer.Services[1].State.Definition);
        Assert.Equal(TimeSpan.FromSeconds(6), composer.Services[1].State.Definition.ConnectTimeout);
    }

    [Fact]
    public void Override_OfOneService_LeavesTheOthersAsTheyAre()
    {
        ServiceComposer composer = new(Given.Configuration(Every("5s")));
        var before = composer.Services.Select(s => (s.Rotation, s.State.Definition)).ToArray();

        composer.SetOverrides(OverrideSnapshot.Empty.With(new UpstreamOverride("t", "b", OverrideState.Disabled, "", "root")));

        Assert.Equal(before[0], (composer.Services[0].Rotation, composer.Services[0].State.Definition));
        Assert.Same(before[0].Definition, composer.Services[0].State.Definition);
        Assert.Equal("a", Served(composer, 1));
    }

    /// <summary>Where clients notice nothing of a change, the engine is given nothing.</summary>
    [Fact]
    public void Reload_OfAKeyThatTheEngineDoesNotKnow_KeepsTheDefinition()
    {
        ProxyConfiguration configuration = Given.Configuration(Every("5s"));
        ServiceComposer composer = new(configuration);
        ServiceDefinition before = composer.Services[0].State.Definition;

        composer.Apply(composer.Plan(configuration
            with { Services = [configuration.Services[0] with { DnsRefresh = TimeSpan.FromSeconds(9) }] }), OverrideSnapshot.Empty);

        Assert.Same(before, composer.Services[0].State.Definition);
        Assert.Equal(TimeSpan.FromSeconds(9), composer.Services[0].Configuration.DnsRefresh);
    }

    [Fact]
    public void Addresses_OfAnUpstreamThatIsOut_AreThereWhenItIsBack()
    {
        ServiceComposer composer = new(Given.Upstreams("mail.example:25", "192.0.2.1:25"));
        ActiveService service = composer.Services[0];
        composer.SetHealthy(service.Upstreams[0], healthy: false);
        composer.SetAddresses("MAIL.example", [IPAddress.Parse("192.0.2.9")]);
        Assert.Equal("192.0.2.1:25", Served(composer));

        composer.SetHealthy(service.Upstreams[0], healthy: true);
        Assert.Equal("192.0.2.9:25", service.State.Definition.Upstreams[0].Addresses[0].Text);
    }

    [Fact]
    public void Republished_UpstreamStaysTheSameObject()
    {
        // What its addresses have learned about the server must not be lost with every change.
        ServiceComposer composer = new(Checked.Services(AllDownSetting.TryInOrder, "a", "b"));
        var before = composer.Services[0].State.Definition.Upstreams[1];
        Take(composer, "a");
        Assert.Same(before, composer.Services[0].State.Definition.Upstreams[0]);
    }

    /// <summary>Two services with every key whose value is more than a number; the connect timeout of the second one.</summary>
    private static string Every(string connectTimeout)
    {
        const string Rest = """
            "sourceAddresses": ["192.0.2.7", "2001:db8::7"], "acceptProxy": { "from": ["10.0.0.0/8", "192.0.2.3"], "passTlvs": ["0xEA", "alpn"] },
            "healthCheck": { "url": "http://{host}:1/", "headers": { "X-A": "b" }, "body": "ping", "expect": { "failStatus": ["5xx", "404"], "body": "/ok/i" } },
            "upstreams": [{ "name": "a", "address": "192.0.2.10:25" }, { "name": "b", "address": "unix:/run/b.sock", "healthCheck": { "type": "none" } }]
            """;
        return $$"""
            { "services": [{ "name": "s", "listen": ["[::]:26", { "address": "unix:/run/x.sock", "mode": "0600" }], {{Rest}} },
                { "name": "t", "listen": ["192.0.2.1:25"], "connectTimeout": "{{connectTimeout}}", {{Rest}} }] }
            """;
    }

    private static string Served(ServiceComposer composer, int service = 0) =>
        string.Join(' ', composer.Services[service].State.Definition.Upstreams.Select(u => u.Name));

    private static void Take(ServiceComposer composer, string down)
    {
        ActiveService service = composer.Services[0];
        for (int i = 0; i < service.Configuration.Upstreams.Length; i++)
        {
            if (down.Split(' ').Contains(service.Configuration.Upstreams[i].Name))
                composer.SetHealthy(service.Upstreams[i], healthy: false);
        }
    }
}
