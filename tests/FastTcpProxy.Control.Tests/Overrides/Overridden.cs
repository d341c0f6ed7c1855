using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Control.Overrides.Model;
using FastTcpProxy.Control.Tests.Activation;

namespace FastTcpProxy.Control.Tests.Overrides;

/// <summary>Makes configurations and overrides for tests of what operators set. Pure.</summary>
internal static class Overridden
{
    public static readonly DateTimeOffset At = new(2026, 3, 1, 12, 0, 0, 123, TimeSpan.Zero);

    /// <summary>Services "s" with upstreams a, b and c, and "t" with x.</summary>
    public static ProxyConfiguration Two { get; } = Configuration(("s", "a b c"), ("t", "x"));

    /// <summary>Services with upstreams of these names; each address follows from the name.</summary>
    public static ProxyConfiguration Configuration(params (string Name, string Upstreams)[] services) => Given.Configuration(
        $$"""{ "services": [{{string.Join(",", services.Select((s, i) => $$"""
        { "name": "{{s.Name}}", "listen": ["127.0.0.1:{{i + 1}}"], "upstreams": [{{string.Join(",", s.Upstreams.Split(' ').Select(u =>
            $$"""{ "name": "{{u}}", "address": "192.0.2.{{(u[0] % 100) + 1}}:25" }"""))}}] }
        """))}}] }""");

    /// <summary>The same with another upstream in the place of one.</summary>
    public static ProxyConfiguration With(this ProxyConfiguration configuration, string upstream,
        Func<UpstreamConfiguration, UpstreamConfiguration> change) =>
        configuration with
        {
            Services =
            [
                .. configuration.Services.Select(
                    s => s with { Upstreams = [.. s.Upstreams.Select(u => u.Name == upstream ? change(u) : u)] }),
            ],
        };

    public static ConfiguredUpstreamAddress Address(string text) => Given.Upstreams(text).Services[0].Upstreams[0].Address;

    /// <summary>A state of upstream a, as it is set in <see cref="Two"/>.</summary>
    public static UpstreamOverride State { get; } =
        (UpstreamOverride)new UpstreamOverride("s", "a", OverrideState.Disabled, "repair", "root") { At = At }.Against(Two.Services[0]);

    /// <summary>An order of service s, likewise.</summary>
    public static OrderOverride Order { get; } = (OrderOverride)new OrderOverride("s", ["c", "a"], "",
        "uid 7") { At = At }.Against(Two.Services[0]);

    /// <summary>A snapshot with one state and one order, of upstream a and service s.</summary>
    public static OverrideSnapshot Snapshot(DateTimeOffset? expires = null) =>
        OverrideSnapshot.Empty.With(State with { Expires = expires }).With(Order with { Expires = expires });

    /// <summary>All that a snapshot holds, as text.</summary>
    public static string Text(OverrideSnapshot snapshot) => string.Join('\n', snapshot.All.Select(o => o switch
    {
        OrderOverride order => $"{Join(order.Names)} {order with { Names = [], Configured = [] }} {Join(order.Configured)}",
        _ => o.ToString(),
    }));

    /// <summary>Sets an upstream as the operators of tests do.</summary>
    public static OverrideOutcome Set(
        this OverrideStore store, string service, string upstream, OverrideState state, TimeSpan? time = null, string? tag = null,
        string reason = "repair", string author = "root") =>
        store.Set(new UpstreamOverride(service, upstream, state, reason, author), time, Is(tag));

    /// <summary>Likewise the order of a service.</summary>
    public static OverrideOutcome SetOrder(
        this OverrideStore store, string service, ImmutableArray<string> names, TimeSpan? time = null, string? tag = null,
        string reason = "repair") =>
        store.Set(new OrderOverride(service, names, reason, "root"), time, Is(tag));

    public static OverrideOutcome Clear(this OverrideStore store, string service, string upstream, string? tag = null) =>
        store.Clear(new OverrideKey(service, upstream), Is(tag));

    public static OverrideOutcome ClearOrder(this OverrideStore store, string service, string? tag = null) =>
        store.Clear(new OverrideKey(service), Is(tag));

    public static OverrideOutcome Find(this OverrideStore store, string service, string upstream) =>
        store.Find(new OverrideKey(service, upstream));

    public static OverrideOutcome FindOrder(this OverrideStore store, string service) => store.Find(new OverrideKey(service));

    private static Func<string, bool>? Is(string? tag) => tag is null ? null : now => now == tag;

    private static string Join(ImmutableArray<string> names) => string.Join(',', names);
}
