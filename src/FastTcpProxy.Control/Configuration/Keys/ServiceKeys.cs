using System.Collections.Immutable;
using System.Net;
using FastTcpProxy.Control.Configuration.Keys.HealthChecks;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;
using FastTcpProxy.Control.Configuration.Rules;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Transport;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Control.Configuration.Keys;

/// <summary>The keys of a service. Immutable, any thread.</summary>
internal static class ServiceKeys
{
    private static readonly ServiceSettings Defaults = ServiceSettings.Default;
    private static readonly DurationKind AnyDuration = new(ConfigurationLimits.DurationMin, ConfigurationLimits.DurationMax);
    private static readonly DurationKind UpToAnHour = new(ConfigurationLimits.DurationMin, ConfigurationLimits.WaitMax);

    private static readonly Key<string> Name = Key<string>.Needed("name", new NameKind(),
        "The service's name in logs and metrics, unique in the file.", "\"mail\"");

    private static readonly Key<ImmutableArray<ConfiguredListenAddress>> Listen =
        Key<ImmutableArray<ConfiguredListenAddress>>.Needed("listen",
        new ListKind<ConfiguredListenAddress>(new SocketFileKind<ConfiguredListenAddress>(new ListenAddressKind(), "address",
            "The path of the UNIX socket, as unix:/path.", "\"unix:/run/mail.sock\"",
            static (listen, permissions) => listen.Kind == AddressKind.Unix ? listen with { Permissions = permissions } : null), 1,
            ConfigurationLimits.ListenMax, distinct: true),
        "Where the service listens: IP addresses with a port, or unix:/path. \"[::]:25\" takes IPv4 clients too, "
        + "unless \"0.0.0.0:25\" is listed as well. A UNIX socket may be an object with the "
            + "mode and the group of its file, which decide who may connect.",
        """["0.0.0.0:25", "[::]:25"]""");

    private static readonly Key<TimeSpan> ConnectTimeout = Key<TimeSpan>.WithDefault("connectTimeout", UpToAnHour, Defaults.ConnectTimeout,
        "How long one address of an upstream may stay silent, or the queue of its UNIX socket full, "
        + "before the next is tried. A refusal moves on at once.", "\"5s\"");

    private static readonly Key<TimeSpan> TotalConnectTimeout =
        Key<TimeSpan>.WithComputedDefault("totalConnectTimeout", UpToAnHour, () => default,
        "The bound on all attempts for one client together. By default there is no bound.", "\"8s\"");

    private static readonly Key<AllFailedAction> OnAllFailed = Key<AllFailedAction>.WithDefault("onAllFailed",
        new ChoiceKind<AllFailedAction>(("reset", AllFailedAction.Reset, "The client's connection is reset (RST)."),
            ("close", AllFailedAction.Close, "The client's connection is closed cleanly (FIN).")), Defaults.OnAllFailed,
        "How a client learns that every upstream failed: its connection is reset (reset) or closed cleanly (close).", "\"close\"");

    private static readonly Key<bool> AbortOnClose = Key<bool>.WithDefault("abortOnClose", new BooleanKind(), Defaults.AbortOnClose,
        "Whether a client that closes its side before an upstream has accepted is dropped (true), or served, "
        + "with its close passed on (false). True suits protocols whose clients never "
            + "half-close: upstreams are spared the work for clients that gave up.", "true");

    private static readonly Key<AcceptProxyDefinition?> AcceptProxy = Key<AcceptProxyDefinition?>.WithComputedDefault("acceptProxy",
        AcceptProxyKeys.Kind, () => null,
        "Whose PROXY header is read and believed. Without this key no header is ever read.",
        """{ "from": ["10.0.0.0/8"], "timeout": "3s" }""");

    private static readonly Key<TimeSpan> IdleTimeout = Key<TimeSpan>.WithDefault("idleTimeout", AnyDuration, Defaults.IdleTimeout,
        "A session with no progress in either direction for this long is reset, so that abandoned sessions do not pile up. "
        + "Time during which the proxy itself was stopped does not count, here or "
            + "in any other timeout.", "\"10m\"");

    private static readonly Key<TimeSpan> HalfCloseTimeout =
        Key<TimeSpan>.WithDefault("halfCloseTimeout", AnyDuration, Defaults.HalfCloseTimeout,
        "A session is reset when one side has closed and the other has made no progress for this long.", "\"30s\"");

    private static readonly Key<KeepAliveOptions> KeepAlive = Key<KeepAliveOptions>.WithDefault("keepAlive",
        KeepAliveKeys.Kind, default,
        "TCP keep-alive to the client and to the upstream. It finds a vanished peer during silence, whatever tcpUserTimeout says.",
        """{ "idle": "60s", "interval": "10s", "count": 6 }""");

    private static readonly Key<TimeSpan> TcpUserTimeout = Key<TimeSpan>.WithDefault("tcpUserTimeout",
        new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), TimeSpan.FromMilliseconds(Defaults.KeepAlive.UserTimeoutMs),
        "How long sent data may stay unacknowledged before the session is reset. It finds a peer that vanishes while "
        + "data is sent to it. A peer that "
            + "answers and reads nothing is left to idleTimeout.",
        "\"60s\"");

    private static readonly Key<ImmutableArray<IPAddress>> SourceAddresses = Key<ImmutableArray<IPAddress>>.WithDefault("sourceAddresses",
        new ListKind<IPAddress>(new SourceAddressKind(), 0, ConfigurationLimits.SourceAddressesMax, unique: true), [],
        "Addresses of this machine to connect from; each thread takes them in turn. Each adds one range of local ports. "
        + "An empty list leaves the choice to the kernel.",
        """["192.0.2.1", "192.0.2.2"]""");

    private static readonly Key<int> MaxSessions =
        Key<int>.WithComputedDefault("maxSessions", new IntegerKind(1, ConfigurationLimits.SessionsMax),
        () => 0, "The most sessions of this service; a client beyond it is refused. By default only engine.maxSessions holds.", "10000");

    private static readonly Key<TimeSpan> DnsRefresh = Key<TimeSpan>.WithDefault("dnsRefresh",
        new DurationKind(TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)), TimeSpan.FromSeconds(30),
        "How often the DNS names of upstreams are resolved again.", "\"30s\"");

    private static readonly Key<HeaderMode> Mode = Key<HeaderMode>.WithDefault("mode", ModeKind.Kind, HeaderMode.ProxyV2,
        "How upstreams are told who the client is: a PROXY header of version 2 (proxy-v2) or 1 (proxy-v1), or not at all (raw).",
        "\"proxy-v1\"");

    private static readonly Key<bool> UniqueId = Key<bool>.WithDefault("uniqueId", new BooleanKind(), Defaults.SendUniqueId,
        "Whether the header for upstreams of mode proxy-v2 carries the session's id, the one of the session log, as UNIQUE_ID "
        + "(PROXY protocol, 2.2.5). The UNIQUE_ID of a balancer in front goes in its place where passTlvs passes it on.", "true");

    private static readonly Key<ImmutableArray<UpstreamConfiguration>> Upstreams =
        Key<ImmutableArray<UpstreamConfiguration>>.Needed("upstreams",
        new ListKind<UpstreamConfiguration>(UpstreamKeys.Kind, 1, ConfigurationLimits.UpstreamsMax, distinct: true),
        "The upstreams in the order in which they are tried for every client.", """[{ "name": "a", "address": "192.0.2.10:25" }]""");

    private static readonly Key<HealthCheckDraft?> HealthCheck = Key<HealthCheckDraft?>.WithComputedDefault("healthCheck",
        HealthCheckKeys.Kind, () => null,
        "How the upstreams are checked. An upstream that fails its check gets no clients. An upstream's own healthCheck replaces single "
        + "keys. Without this key there "
            + "are no checks.",
        """{ "url": "http://{host}:8080/health", "interval": "5s" }""");

    private static readonly Key<AllDownSetting> AllDown = Key<AllDownSetting>.WithDefault("allDown",
        new ChoiceKind<AllDownSetting>(
            ("try-in-order", AllDownSetting.TryInOrder, "The list is tried in its order, as if all were up."),
            ("fail", AllDownSetting.Fail, "Clients fail at once, as onAllFailed says.")),
        AllDownSetting.TryInOrder,
        "What clients get when every enabled upstream is down: the list is tried as if all were up "
        + "(try-in-order), or they fail at once (fail).",
        "\"fail\"");

    private static readonly Key<HedgePolicy?> Hedge = Key<HedgePolicy?>.WithComputedDefault("hedge", FailoverKeys.Hedge, () => null,
        "Whether the next upstream is started too while a client waits for one that does not answer. The first to accept is taken, and the "
        + "other is reset before it has accepted. Without this key a client waits for connectTimeout.", "true");

    private static readonly Key<SuspectPolicy?> Suspect = Key<SuspectPolicy?>.WithComputedDefault("suspect", FailoverKeys.Suspect,
        () => null, "Whether an upstream that gives several clients in a row no answer is tried last, until one client finds that it "
        + "answers again. Needs hedge.", "true");

    private static readonly Key<PassivePolicy?> Passive = Key<PassivePolicy?>.WithComputedDefault("passive", FailoverKeys.Passive,
        () => null, "Whether an upstream that ends several sessions in a row at once, before it has sent a byte, is tried last for a "
        + "while.", "true");

    private static readonly Key<FailbackPolicy?> Failback = Key<FailbackPolicy?>.WithComputedDefault("failback", FailoverKeys.Failback,
        () => null, "How new clients come back to an upstream that was suspect, held, down or disabled: a growing part begins with it, "
        + "and the others have it last. Without this key all come back at once.", """{ "ramp": "30s", "start": 10 }""");

    private static readonly Key<ResetRetry> RetryOnReset = Key<ResetRetry>.WithDefault("retryOnReset",
        new ChoiceKind<ResetRetry>(("never", ResetRetry.Never, "The client is reset as well."),
            ("beforeClientBytes", ResetRetry.BeforeClientBytes, "The next upstream is tried, if nothing was sent to this one.")),
        Defaults.RetryOnReset,
        "Whether the next upstream is tried when one accepts and then resets the connection: never, or as long as neither a header nor a "
        + "byte of the client has gone to it and none of its own has come (beforeClientBytes). For protocols in which the server speaks "
        + "first, in mode raw: a PROXY header is sent at once.", "\"beforeClientBytes\"");

    private static readonly Key<GuardsConfiguration?> Guards = Key<GuardsConfiguration?>.WithComputedDefault("guards", GuardKeys.Kind,
        () => null, "Whom the service serves, and how much each client may have. Its keys replace single ones of the guards of the file.",
        """{ "deny": ["203.0.113.7"], "perSource": { "sessions": 20 } }""");

    public static ObjectKind<ServiceConfiguration> Kind { get; } = new(
        [
            Name, Listen, Mode, Upstreams, ConnectTimeout, TotalConnectTimeout, OnAllFailed, AbortOnClose, AcceptProxy, IdleTimeout,
            HalfCloseTimeout,
            KeepAlive, TcpUserTimeout, SourceAddresses, MaxSessions, DnsRefresh, HealthCheck, AllDown, UniqueId,
            Hedge, Suspect, Passive, Failback, RetryOnReset, Guards,
        ],
        Make, () => ServiceSchema.Text);

    private static ServiceConfiguration Make(ObjectReader reader)
    {
        string name = reader.Get(Name);
        HeaderMode mode = reader.Get(Mode);
        var checks = new HealthCheckResolver(reader.Node.Find(HealthCheck.Name), name, reader.Context);
        var service = new ServiceConfiguration
        {
            Name = name,
            Listen = reader.Get(Listen),
            Upstreams = [.. reader.Get(Upstreams).Select(upstream => UpstreamKeys.Resolve(upstream, mode, checks, reader.Context))],
            Settings = new ServiceSettings
            {
                ConnectTimeout = reader.Get(ConnectTimeout),
                TotalConnectTimeout = reader.GetOptional(TotalConnectTimeout),
                OnAllFailed = reader.Get(OnAllFailed),
                AbortOnClose = reader.Get(AbortOnClose),
                AcceptProxy = reader.Get(AcceptProxy),
                IdleTimeout = reader.Get(IdleTimeout),
                HalfCloseTimeout = reader.Get(HalfCloseTimeout),
                KeepAlive = reader.GetObject(KeepAlive) with { UserTimeoutMs = (int)reader.Get(TcpUserTimeout).TotalMilliseconds },
                SourceAddresses = [.. reader.Get(SourceAddresses).Select(a => InetEndPoint.FromIPEndPoint(new IPEndPoint(a, 0)))],
                SendUniqueId = reader.Get(UniqueId),
                Hedge = reader.Get(Hedge),
                Suspect = reader.Get(Suspect),
                Passive = reader.Get(Passive),
                Failback = reader.Get(Failback),
                RetryOnReset = reader.Get(RetryOnReset),
                SessionsMax = reader.GetOptional(MaxSessions) ?? Defaults.SessionsMax,
            },
            DnsRefresh = reader.Get(DnsRefresh),
            AllDown = reader.Get(AllDown),
            Guards = reader.Get(Guards),
        };
        if (reader.Sound(ConnectTimeout, TotalConnectTimeout, Upstreams, Hedge))
            ConnectTimeRules.Check(service, reader.At(ConnectTimeout), reader.At(TotalConnectTimeout), reader.Context);
        if (reader.Sound(IdleTimeout))
            IdleRules.Check(service, reader.At(IdleTimeout), reader.Context);
        if (reader.Sound(Mode, Upstreams, AcceptProxy))
            ModeRules.Check(service, reader.At(UniqueId), reader.Context);
        if (reader.Sound(ConnectTimeout, Mode, Upstreams, Hedge, Suspect, Passive, Failback, RetryOnReset))
            FailoverRules.Check(service, key => (reader.Node.Find(key) ?? reader.Node).At, reader.Context);
        AllDownRules.Check(service, reader.At(AllDown), reader.Context);
        return service;
    }
}
