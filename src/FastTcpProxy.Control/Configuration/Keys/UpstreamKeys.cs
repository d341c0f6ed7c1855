using FastTcpProxy.Control.Configuration.Keys.HealthChecks;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>The keys of an upstream. Immutable, any thread.</summary>
internal static class UpstreamKeys
{
    private static readonly Key<string> Name = Key<string>.WithComputedDefault("name", new NameKind(), () => "",
        "The upstream's name in logs and metrics, unique in its service. By default the text of its address.", "\"a\"");

    private static readonly Key<ConfiguredUpstreamAddress> Address =
        Key<ConfiguredUpstreamAddress>.Needed("address", new UpstreamAddressKind(),
        "An IP address or a DNS name with a port, or unix:/path. All addresses of a name are tried in order.", "\"192.0.2.10:25\"");

    private static readonly Key<HeaderMode> Mode = Key<HeaderMode>.WithComputedDefault("mode", ModeKind.Kind, () => default,
        "How this upstream is told who the client is. By default the service's mode.", "\"raw\"");

    private static readonly Key<bool> Enabled = Key<bool>.WithDefault("enabled", new BooleanKind(), true,
        "Whether the upstream gets clients. A disabled one is still checked, and an operator can enable it at run time.", "false");

    /// <summary>Read by <see cref="Resolve"/>: what it means depends on the service's.</summary>
    private static readonly Key<HealthCheckDraft?> HealthCheck = Key<HealthCheckDraft?>.WithComputedDefault("healthCheck",
        HealthCheckKeys.Kind, () => null,
        "How this upstream is checked. These keys replace those of the service's healthCheck, one by one. Type none turns its check off.",
        """{ "url": "http://{host}:8081/health" }""");

    public static ObjectKind<UpstreamConfiguration> Kind { get; } = new(
        [Name, Address, Mode, Enabled, HealthCheck], Make, () => Snippets.OfUpstream);

    /// <summary>
    /// The upstream with what it has from its service: the mode, if it names none, and its check. The place of the original is kept.
    /// </summary>
    public static UpstreamConfiguration Resolve(
        UpstreamConfiguration upstream, HeaderMode serviceMode, HealthCheckResolver checks, BindingContext context)
    {
        ConfigurationNode origin = context.Origin(upstream)!;
        UpstreamConfiguration resolved = upstream with { Mode = origin.Find(Mode.Name) is null ? serviceMode : upstream.Mode };
        resolved = resolved with { HealthCheck = checks.Resolve(resolved, origin.Find(HealthCheck.Name)) };
        context.Remember(resolved, origin);
        return resolved;
    }

    private static UpstreamConfiguration Make(ObjectReader reader)
    {
        ConfiguredUpstreamAddress address = reader.Get(Address);
        string name = reader.Get(Name);
        return new UpstreamConfiguration
        {
            Name = name.Length == 0 && reader.Sound(Name) ? address.Text : name,
            Address = address,
            Mode = reader.Get(Mode),
            Enabled = reader.Get(Enabled),
        };
    }
}
