using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Configuration.Rules;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>
/// The file as a whole: the root of the one description that parsing, messages and schema come from. Immutable, any thread.
/// </summary>
internal static class RootKeys
{
    private static readonly Key<string> Schema = Key<string>.WithComputedDefault("$schema", new SchemaReferenceKind(), () => "",
        "The JSON schema of this file, for editors; `fasttcpproxy schema` prints it. The proxy does not read it. By default there is none.",
        "\"./fasttcpproxy.schema.json\"");

    private static readonly Key<ImmutableArray<ServiceConfiguration>> Services =
        Key<ImmutableArray<ServiceConfiguration>>.Needed("services",
        new ListKind<ServiceConfiguration>(ServiceKeys.Kind, 1, ConfigurationLimits.ServicesMax, distinct: true),
        "The services. Each client of a service is proxied to the first of its upstreams that accepts.",
        """[{ "name": "mail", "listen": ["0.0.0.0:25"], "upstreams": [{ "address": "192.0.2.10:25" }] }]""");

    private static readonly Key<EngineConfiguration> Engine = Key<EngineConfiguration>.WithDefault("engine", EngineKeys.Kind, null!,
        "Settings of the process rather than of one service.", """{ "threads": 2 }""");

    private static readonly Key<LogConfiguration> Log = Key<LogConfiguration>.WithDefault("log", LogKeys.Kind, null!,
        "The session log, and the log of events that concern the operator.", """{ "format": "json" }""");

    private static readonly Key<AdminConfiguration?> Admin =
        Key<AdminConfiguration?>.WithComputedDefault("admin", AdminKeys.Kind, () => null,
        "The administrative interface. Without this key there is none.", """{ "socket": "/run/fasttcpproxy/admin.sock" }""");

    private static readonly Key<OtlpConfiguration?> Metrics =
        Key<OtlpConfiguration?>.WithComputedDefault("metrics", OtlpKeys.Kind, () => null,
        "Where metrics are sent to. They are at /metrics of the administrative interface in any case.",
        """{ "otlp": { "endpoint": "http://127.0.0.1:4318" } }""");

    private static readonly Key<GuardsConfiguration?> Guards =
        Key<GuardsConfiguration?>.WithComputedDefault("guards", GuardKeys.Kind, () => null,
        "Whom the services serve, and how much each client may have. Without this key, and without those of services, no client is refused "
        + "for who it is.", """{ "deny": ["203.0.113.7"], "perSource": { "connections": "20/s" } }""");

    public static ObjectKind<ProxyConfiguration> Kind { get; } =
        new([Schema, Services, Engine, Log, Admin, Metrics, Guards], Make, () => Snippets.OfFile);

    private static ProxyConfiguration Make(ObjectReader reader)
    {
        reader.Get(Schema);
        var configuration = new ProxyConfiguration
        {
            Services = reader.Get(Services),
            Engine = reader.GetObject(Engine),
            Log = reader.GetObject(Log),
            Admin = reader.Get(Admin),
            Otlp = reader.Get(Metrics),
        };
        NameRules.Check(configuration.Services, reader.Context);
        ListenRules.Check(configuration, reader.Context);
        SessionRules.Check(configuration, reader.Context);
        configuration = DualStackRules.Apply(configuration);
        UpstreamRules.Check(configuration.Services, reader.Context);
        return GuardRules.Apply(configuration, reader.Get(Guards), reader.Context);
    }
}
