using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>When overrides end by themselves: as a table.</summary>
public sealed class OverrideSnapshotTests
{
    private const string StateGoes = "s/a: disabled by root ended: ";
    private const string OrderGoes = "s/-: order c, a by uid 7 ended: ";

    private readonly RecordingOverrideObserver _observer = new();

    public static TheoryData<string, string[]> Changes => new()
    {
        { "nothing", [] },
        { "address", [StateGoes + "ConfigurationChanged"] },
        { "enabled", [StateGoes + "ConfigurationChanged"] },
        { "address of another", [] },
        { "mode and check", [] },
        { "keys of the service", [] },
        { "upstream gone", [StateGoes + "Gone", OrderGoes + "ConfigurationChanged"] },
        { "upstream renamed", [StateGoes + "Gone", OrderGoes + "ConfigurationChanged"] },
        { "upstream added", [OrderGoes + "ConfigurationChanged"] },
        { "another order", [OrderGoes + "ConfigurationChanged"] },
        { "service gone", [StateGoes + "Gone", OrderGoes + "Gone"] },
        { "service in other letters", [StateGoes + "Gone", OrderGoes + "Gone"] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void For_ConfigurationHasChanged_WhatItIsAboutEnds(string change, string[] ended)
    {
        OverrideSnapshot before = Overridden.Snapshot();

        OverrideSnapshot after = before.For(Change(change).Services, _observer.Ended);

        Assert.Equal(ended, _observer.Events);
        Assert.Equal(before.Count - ended.Length, after.Count);
        Assert.Equal(ended.Any(e => e.StartsWith("s/a", StringComparison.Ordinal)), after.Of("s", "a") is null);
    }

    [Fact]
    public void Set_AfterTheChange_IsAboutTheNewConfiguration()
    {
        ProxyConfiguration changed = Overridden.Two.With("a", u => u with { Enabled = false });
        OverrideSnapshot snapshot = Overridden.Snapshot();
        snapshot = snapshot.With(Overridden.State with { ConfiguredEnabled = false });

        Assert.Same(snapshot, snapshot.For(changed.Services, _observer.Ended));
        Assert.Empty(_observer.Events);
    }

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    public void Expired_FromTheMomentOn(int ms, int left)
    {
        DateTimeOffset end = Overridden.At.AddHours(1);
        OverrideSnapshot after = Overridden.Snapshot(end).WithoutExpired(end.AddMilliseconds(ms), _observer.Ended);

        Assert.Equal(left, after.Count);
        Assert.Equal(left == 2 ? [] : [StateGoes + "Expired", OrderGoes + "Expired"], _observer.Events);
    }

    [Fact]
    public void NextExpiry_IsTheFirstOfAll()
    {
        Assert.Null(OverrideSnapshot.Empty.NextExpiry);
        Assert.Null(Overridden.Snapshot().NextExpiry);
        Assert.Equal(2, Overridden.Snapshot().WithoutExpired(DateTimeOffset.MaxValue, _observer.Ended).Count);
        OverrideSnapshot snapshot = Overridden.Snapshot(Overridden.At.AddHours(2));
        snapshot = snapshot.With(Overridden.Order with { Expires = Overridden.At.AddHours(1) });
        Assert.Equal(Overridden.At.AddHours(1), snapshot.NextExpiry);
    }

    private static ProxyConfiguration Change(string what) => what switch
    {
        "nothing" => Overridden.Two,
        "address" => Overridden.Two.With("a", u => u with { Address = Overridden.Address("192.0.2.200:25") }),
        "enabled" => Overridden.Two.With("a", u => u with { Enabled = false }),
        "address of another" => Overridden.Two.With("b", u => u with { Address = Overridden.Address("192.0.2.200:25"), Enabled = false }),
        "mode and check" => Overridden.Two.With("a", u => u with { Mode = HeaderMode.Raw, HealthCheck = Health.Checked.Check }),
        "keys of the service" =>
            Overridden.Two with { Services = [Overridden.Two.Services[0]
                with { Settings = ServiceSettings.Default with { SessionsMax = 1, ConnectTimeout = TimeSpan.FromSeconds(1) } }] },
        "upstream gone" => Overridden.Configuration(("s", "b c")),
        "upstream renamed" => Overridden.Two.With("a", u => u with { Name = "d" }),
        "upstream added" => Overridden.Configuration(("s", "a b c d")),
        "another order" => Overridden.Configuration(("s", "b a c")),
        "service gone" => Overridden.Configuration(("t", "a b c")),
        _ => Overridden.Configuration(("S", "a b c")),
    };
}
