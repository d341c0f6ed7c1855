using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Control.Overrides.Model;

/// <summary>What an override is for: an upstream of a service, or the order of its upstreams. Immutable.</summary>
/// <param name="Upstream">Null: the order.</param>
public readonly record struct OverrideKey(string Service, string? Upstream = null);

/// <summary>
/// What an operator has set, and what the configuration said then: an override yields when that changes. The state file holds these
/// members. Immutable.
/// </summary>
/// <param name="Service">The name of the service.</param>
/// <param name="Reason">Why, for people; empty when none was given; at most <see cref="OverrideLimits.ReasonCharsMax"/>.</param>
/// <param name="Author">Who.</param>
public abstract record Override([property: JsonPropertyOrder(-1)] string Service, string Reason, string Author)
{
    /// <summary>The entity tag where nothing is set.</summary>
    internal const string NoTag = "none";

    /// <summary>When it was set, to the millisecond.</summary>
    [JsonRequired]
    public DateTimeOffset At { get; init; }

    /// <summary>When it ends by itself; null: never.</summary>
    [JsonRequired]
    public DateTimeOffset? Expires { get; init; }

    /// <summary>What it is for.</summary>
    [JsonIgnore]
    public OverrideKey Key => new(Service, (this as UpstreamOverride)?.Upstream);

    /// <summary>What is set, for people: "disabled", "order b, a".</summary>
    [JsonIgnore]
    public string What => this switch
    {
        UpstreamOverride upstream => upstream.State.ToString().ToLowerInvariant(),
        OrderOverride order => $"order {string.Join(", ", order.Names)}",
        _ => throw new UnreachableException(),
    };

    /// <summary>The entity tag (RFC 9110, section 8.8.3): it follows from what is set, so that it means the same after a restart.</summary>
    internal string Tag
    {
        get
        {
            string what = this switch
            {
                UpstreamOverride upstream => $"{(int)upstream.State}",
                OrderOverride order => string.Join('\n', order.Names),
                _ => throw new UnreachableException(),
            };
            string text = string.Join('\0', what, Reason, Author, At.UtcTicks.ToString(CultureInfo.InvariantCulture),
                Expires?.UtcTicks.ToString(CultureInfo.InvariantCulture) ?? "");
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 8));
        }
    }

    /// <summary>The same, set against this configuration.</summary>
    /// <param name="service">Has what the override is for.</param>
    internal abstract Override Against(ServiceConfiguration service);

    /// <summary>Why it ends under this configuration; null: it holds.</summary>
    /// <param name="service">Null: the service is gone.</param>
    internal abstract OverrideEnd? EndUnder(ServiceConfiguration? service);
}

/// <summary>What an operator has set for an upstream. Immutable.</summary>
/// <param name="Upstream">The name of the upstream.</param>
/// <param name="State">What it is to be.</param>
public sealed record UpstreamOverride(string Service, string Upstream, OverrideState State, string Reason, string Author)
    : Override(Service, Reason, Author)
{
    /// <summary>The upstream's address, as configured.</summary>
    [JsonRequired]
    public string ConfiguredAddress { get; init; } = "";

    /// <summary>The upstream's <c>enabled</c>, as configured.</summary>
    [JsonRequired]
    public bool ConfiguredEnabled { get; init; }

    internal override Override Against(ServiceConfiguration service)
    {
        UpstreamConfiguration configured = service.Upstreams.First(u => u.Name == Upstream);
        return this with { ConfiguredAddress = configured.Address.Text, ConfiguredEnabled = configured.Enabled };
    }

    internal override OverrideEnd? EndUnder(ServiceConfiguration? service) =>
        service?.Upstreams.FirstOrDefault(u => u.Name == Upstream) switch
    {
        null => OverrideEnd.Gone,
        { } configured when configured.Address.Text != ConfiguredAddress || configured.Enabled != ConfiguredEnabled =>
            OverrideEnd.ConfigurationChanged,
        _ => null,
    };
}

/// <summary>The order that an operator has set for a service. Immutable.</summary>
/// <param name="Names">The upstreams that are tried first, in this order; the others follow as they are configured.</param>
public sealed record OrderOverride(string Service, ImmutableArray<string> Names, string Reason, string Author)
    : Override(Service, Reason, Author)
{
    /// <summary>The names of the upstreams in the order of the configuration.</summary>
    [JsonRequired]
    public ImmutableArray<string> Configured { get; init; } = [];

    internal override Override Against(ServiceConfiguration service) =>
        this with { Configured = [.. service.Upstreams.Select(u => u.Name)] };

    internal override OverrideEnd? EndUnder(ServiceConfiguration? service) => service switch
    {
        null => OverrideEnd.Gone,
        _ when !Configured.SequenceEqual(service.Upstreams.Select(u => u.Name)) => OverrideEnd.ConfigurationChanged,
        _ => null,
    };
}

/// <summary>What an operator says of an upstream, in place of the configuration's <c>enabled</c>. Health is not overridden.</summary>
public enum OverrideState : byte
{
    /// <summary>It gets new clients, although the configuration says <c>enabled: false</c>.</summary>
    Enabled,

    /// <summary>It gets no new clients; its sessions continue.</summary>
    Disabled,

    /// <summary>The same, and an operator waits for its sessions to close.</summary>
    Draining,
}

/// <summary>Why an override ended without an operator.</summary>
public enum OverrideEnd : byte
{
    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>The configuration has changed what it was about.</summary>
    ConfigurationChanged,

    /// <summary>The configuration has no such service or upstream any more.</summary>
    Gone,
}
