using System.Net;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Tests.Health;
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

    private static string Served(ServiceComposer composer) => string.Join(' ', composer.Services[0].State.Definition.Upstreams.Select(u => u.Name));

    private static void Take(ServiceComposer composer, string down)
    {
        ActiveService service = composer.Services[0];
        for (int i = 0; i < service.Configuration.Upstreams.Length; i++)
        {
            if (down.Split(' ').Contains(service.Configuration.Upstreams[i].Name)) composer.SetHealthy(service.Upstreams[i], healthy: false);
        }
    }
}
