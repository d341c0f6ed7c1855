using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Configuration.Rules;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>The keys of <c>acceptProxy</c>. Immutable, any thread.</summary>
internal static class AcceptProxyKeys
{
    private static readonly AcceptProxyDefinition Defaults = new() { From = new NetworkSet([]) };

    private static readonly Key<ImmutableArray<IPNetwork>> From = Key<ImmutableArray<IPNetwork>>.Needed("from",
        new ListKind<IPNetwork>(new NetworkKind(), 1, ConfigurationLimits.NetworksMax, unique: true),
        "The networks of the balancers in front. A PROXY header from them is required and believed.", """["10.0.0.0/8", "2001:db8::1"]""");

    private static readonly Key<TimeSpan> Timeout = Key<TimeSpan>.WithDefault("timeout",
        new DurationKind(ConfigurationLimits.DurationMin, ConfigurationLimits.WaitMax), Defaults.Timeout,
        "How long after the accept the whole header may take.", "\"3s\"");

    private static readonly Key<bool> Others = Key<bool>.WithDefault("others",
        new ChoiceKind<bool>(("refuse", false, "A peer outside the networks is refused."),
            ("plain", true, "A peer outside the networks is served, and nothing that it sends is read as a header.")), Defaults.ServeOthers,
        "What happens to a peer outside the networks: it is refused (refuse), or served without reading a header (plain).", "\"plain\"");

    private static readonly Key<ImmutableArray<byte>> PassTlvs = Key<ImmutableArray<byte>>.WithDefault("passTlvs",
        new ListKind<byte>(new TlvTypeKind(), 0, ConfigurationLimits.PassTlvsMax, unique: true), Defaults.PassTlvs,
        "The TLV types that are passed on to upstreams of mode proxy-v2: alpn, authority, unique-id, ssl, netns, or a type as 0xNN.",
        """["alpn", "0xEA"]""");

    private static readonly Key<bool> Crc32c = Key<bool>.WithDefault("crc32c", new BooleanKind(), Defaults.AddCrc32C,
        "Whether the header for upstreams of mode proxy-v2 gets its own CRC32C.", "true");

    public static ObjectKind<AcceptProxyDefinition?> Kind { get; } = new([From, Timeout, Others, PassTlvs, Crc32c], Make);

    private static AcceptProxyDefinition Make(ObjectReader reader)
    {
        var configuration = new AcceptProxyDefinition
        {
            From = new NetworkSet(reader.Get(From)),
            Timeout = reader.Get(Timeout),
            ServeOthers = reader.Get(Others),
            PassTlvs = reader.Get(PassTlvs).Sort(),
            AddCrc32C = reader.Get(Crc32c),
        };
        if (reader.Sound(From))
            TrustRules.Check(configuration, reader.Node.Find(From.Name)!, reader.Context);
        return configuration;
    }
}
