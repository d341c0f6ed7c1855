using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Overrides.Storage;
using FastTcpProxy.Control.Tests.Activation;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>Makes configurations and overrides for tests of what operators set. Pure.</summary>
internal static class Overridden
{
    public static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    public static readonly OverrideRequest Request = new("repair", "root", null);

    /// <summary>Services "s" with upstreams a, b and c, and "t" with x.</summary>
    public static ProxyConfiguration Two { get; } = Configuration(("s", "a b c"), ("t", "x"));

    /// <summary>Services with upstreams of these names; each address follows from the name.</summary>
    public static ProxyConfiguration Configuration(params (string Name, string Upstreams)[] services) => Given.Configuration(
        $$"""{ "services": [{{string.Join(",", services.Select((s, i) => $$"""
        { "name": "{{s.Name}}", "listen": ["127.0.0.1:{{i + 1}}"], "upstreams": [{{string.Join(",", s.Upstreams.Split(' ').Select(u =>
            $$"""{ "name": "{{u}}", "address": "192.0.2.{{(u[0] % 100) + 1}}:25" }"""))}}] }
        """))}}] }""");

    /// <summary>The same with another upstream in the place of one.</summary>
    public static ProxyConfiguration With(this ProxyConfiguration configuration, string upstream, Func<UpstreamConfiguration, UpstreamConfiguration> change) =>
        configuration with
        {
            Services =
            [
                .. configuration.Services.Select(s => s with { Upstreams = [.. s.Upstreams.Select(u => u.Name == upstream ? change(u) : u)] }),
            ],
        };

    public static UpstreamAddress Address(string text) => Given.Upstreams(text).Services[0].Upstreams[0].Address;

    /// <summary>A snapshot with one state and one order, of upstream a and service s.</summary>
    public static OverrideSnapshot Snapshot(DateTimeOffset? expires = null) => OverrideSnapshot.Empty with
    {
        Upstreams = OverrideSnapshot.Empty.Upstreams.Add(("s", "a"), new StoredOverride(
            new UpstreamOverride(OverrideState.Disabled, "repair", "root", At, expires), Two.Services[0].Upstreams[0].Address.Text, Enabled: true)),
        Orders = OverrideSnapshot.Empty.Orders.Add("s", new StoredOrder(new OrderOverride(["c", "a"], "", "uid 7", At, expires), ["a", "b", "c"])),
    };

    /// <summary>All that a snapshot holds, as text.</summary>
    public static string Text(OverrideSnapshot snapshot) => string.Join('\n',
    [
        .. snapshot.Upstreams.OrderBy(e => e.Key).Select(e => $"{e.Key} {e.Value}"),
        .. snapshot.Orders.OrderBy(e => e.Key).Select(e =>
            $"{e.Key} {Join(e.Value.Set.Names)} {e.Value.Set with { Names = [] }} {Join(e.Value.Configured)}"),
    ]);

    private static string Join(ImmutableArray<string> names) => string.Join(',', names);
}
