using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Sources;
using FastTcpProxy.Engine.Services;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>
/// The keys of <c>guards</c>, at the top and of a service: whom the proxy serves, and how much each may have. Immutable, any thread.
/// </summary>
internal static class GuardKeys
{
    private static readonly DurationKind UpToADay = new(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
    private static readonly DurationKind UpToAMonth = new(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30));
    private static readonly ListKind<IPNetwork> Networks = new(new NetworkKind(), 0, ConfigurationLimits.GuardNetworksMax, unique: true);
    private static readonly IntegerKind AnySessions = new(1, ConfigurationLimits.SessionsMax);
    private static readonly IntegerKind AnyBurst = new(1, ConfigurationLimits.RateMax);

    private static readonly Key<ImmutableArray<IPNetwork>> Allow = Key<ImmutableArray<IPNetwork>>.WithComputedDefault("allow", Networks,
        () => [], "Networks of clients that are served whatever else denies or limits them. Only the limits on all sessions hold for them.",
        """["192.0.2.0/24"]""");

    private static readonly Key<ImmutableArray<IPNetwork>> Deny = Key<ImmutableArray<IPNetwork>>.WithComputedDefault("deny", Networks,
        () => [], "Networks of clients that are refused.", """["203.0.113.7", "2001:db8:bad::/48"]""");

    private static readonly Key<ImmutableArray<ConfiguredNetworkList>> Lists =
        Key<ImmutableArray<ConfiguredNetworkList>>.WithComputedDefault("lists",
        new ListKind<ConfiguredNetworkList>(NetworkListKeys.Kind, 0, ConfigurationLimits.GuardListsMax), () => [],
        "Files of networks, one in each line, with comments after \"#\". They are read again by a reload.",
        """[{ "file": "deny.txt", "action": "deny" }]""");

    private static readonly Key<bool> Default = Key<bool>.WithComputedDefault("default",
        new ChoiceKind<bool>(("accept", true, "They are served."), ("drop", false, "They are refused: only the allowed are served.")),
        () => true, "What happens to clients that are neither allowed nor denied: they are served (accept), or refused (drop). By default "
        + "\"accept\".", "\"drop\"");

    private static readonly Key<int> Sessions = Key<int>.WithComputedDefault("sessions", AnySessions, () => 0,
        "How many sessions there may be at once. By default there is no limit.", "100");

    private static readonly Key<ConnectionRate> Connections = Key<ConnectionRate>.WithComputedDefault("connections", new RateKind(),
        () => default, "How fast they may connect. By default there is no limit.", "\"20/s\"");

    private static readonly Key<int> Burst = Key<int>.WithComputedDefault("burst", AnyBurst, () => 0,
        "How many connections there may be at once, after a time with none. By default as many as the rate names.", "40");

    private static readonly Key<int> Ipv6Prefix = Key<int>.WithComputedDefault("ipv6Prefix", new IntegerKind(32, 128),
        () => SourceKey.Ipv6PrefixDefault, "How many bits of an IPv6 address are one source. By default 64.", "56");

    private static readonly Key<int> PendingConnects = Key<int>.WithComputedDefault("pendingConnects", AnySessions, () => 0,
        "How many sessions may wait for an upstream to accept. By default there is no limit.", "2000");

    private static readonly Key<PerSourceConfiguration> PerSource = Key<PerSourceConfiguration>.WithComputedDefault("perSource",
        new ObjectKind<PerSourceConfiguration>([Sessions, Connections, Burst, Ipv6Prefix], reader => new PerSourceConfiguration
        {
            Sessions = reader.GetOptional(Sessions),
            Connections = reader.GetOptional(Connections),
            Burst = reader.GetOptional(Burst),
            Ipv6Prefix = reader.GetOptional(Ipv6Prefix),
        }), () => new PerSourceConfiguration(),
        "What one source may have: an IPv4 address, or an IPv6 network. It is counted over all services that do not have limits of their "
        + "own. By default there is no limit.", """{ "sessions": 100, "connections": "20/s", "burst": 40 }""");

    private static readonly Key<TotalConfiguration> Total = Key<TotalConfiguration>.WithComputedDefault("total",
        new ObjectKind<TotalConfiguration>([Sessions, Connections, Burst, PendingConnects], reader => new TotalConfiguration
        {
            Sessions = reader.GetOptional(Sessions),
            Connections = reader.GetOptional(Connections),
            Burst = reader.GetOptional(Burst),
            PendingConnects = reader.GetOptional(PendingConnects),
        }), () => new TotalConfiguration(),
        "What all clients together may have, of the service or of the process. By default there is no limit beyond maxSessions.",
        """{ "connections": "5000/s", "burst": 10000, "pendingConnects": 2000 }""");

    private static readonly Key<RefusalAction> OnRefuse = Key<RefusalAction>.WithComputedDefault("onRefuse",
        new ChoiceKind<RefusalAction>(("reset", RefusalAction.Reset, "The connection is reset (RST)."),
            ("close", RefusalAction.Close, "The connection is closed cleanly (FIN)."),
            ("drop", RefusalAction.Drop, "Nothing is sent: the client waits for nothing.")), () => RefusalAction.Reset,
        "How a client learns that it is refused: its connection is reset (reset), closed (close), or forgotten without a packet (drop). "
        + "The last needs CAP_NET_ADMIN; without it the reset gets no farther than the next router. By default \"reset\".", "\"drop\"");

    private static readonly Key<int> After = Key<int>.WithComputedDefault("after", new IntegerKind(1, 60_000),
        () => BanConfiguration.Default.After,
        "After how many refusals by a limit a source is banned. By default 20.", "20");

    private static readonly Key<TimeSpan> Within = Key<TimeSpan>.WithComputedDefault("within", UpToADay,
        () => TimeSpan.FromMilliseconds(BanConfiguration.Default.WithinMs),
        "Within what time. By default one minute.", "\"1m\"");

    private static readonly Key<TimeSpan> For = Key<TimeSpan>.WithComputedDefault("for", UpToAMonth,
        () => TimeSpan.FromMilliseconds(BanConfiguration.Default.ForMs),
        "How long the first ban is. Each further one is twice as long. By default one minute.", "\"1m\"");

    private static readonly Key<TimeSpan> Max = Key<TimeSpan>.WithComputedDefault("max", UpToAMonth,
        () => TimeSpan.FromMilliseconds(BanConfiguration.Default.MaxMs),
        "The longest ban. By default one day.", "\"1d\"");

    private static readonly Key<BanConfiguration?> Ban = Key<BanConfiguration?>.WithComputedDefault("ban",
        new ObjectKind<BanConfiguration?>([After, Within, For, Max], reader => new BanConfiguration
        {
            After = reader.GetOptional(After),
            Within = reader.GetOptional(Within),
            For = reader.GetOptional(For),
            Max = reader.GetOptional(Max),
        }), () => null, "When a source is refused for a time, because the limits have refused it so often. Without this key none is.",
        """{ "after": 20, "within": "1m", "for": "1m", "max": "1d" }""");

    public static ObjectKind<GuardsConfiguration?> Kind { get; } = new(
        [Allow, Deny, Lists, Default, PerSource, Total, OnRefuse, Ban], reader => new GuardsConfiguration
        {
            Allow = Optional(reader, Allow),
            Deny = Optional(reader, Deny),
            Lists = Optional(reader, Lists),
            ServesUnlisted = reader.GetOptional(Default),
            PerSource = reader.Get(PerSource),
            Total = reader.Get(Total),
            OnRefuse = reader.GetOptional(OnRefuse),
            Ban = reader.Get(Ban),
        });

    private static EquatableArray<T>? Optional<T>(ObjectReader reader, Key<ImmutableArray<T>> key) =>
        reader.GetOptional(key) is { } items ? new EquatableArray<T>(items) : null;
}
