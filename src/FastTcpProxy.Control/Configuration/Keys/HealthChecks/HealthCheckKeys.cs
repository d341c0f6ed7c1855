using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration.Kinds;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Keys.HealthChecks;

/// <summary>The keys of <c>healthCheck</c>, of a service and of an upstream. Immutable, any thread.</summary>
internal static class HealthCheckKeys
{
    private static readonly DurationKind Wait = new(ConfigurationLimits.DurationMin, ConfigurationLimits.WaitMax);

    public static Key<CheckType> Type { get; } = Key<CheckType>.WithDefault("type",
        new ChoiceKind<CheckType>(
            ("http", CheckType.Http, "An HTTP/1.1 request to \"url\", over TLS when that begins with https."),
            ("tcp", CheckType.Tcp, "A connection to \"address\", which may send and expect bytes."),
            ("smtp", CheckType.Smtp, "A mail server's greeting, EHLO and QUIT."),
            ("imap", CheckType.Imap, "A mail server's greeting and LOGOUT."),
            ("pop3", CheckType.Pop3, "A mail server's greeting and QUIT."),
            ("mysql", CheckType.Mysql, "A login of \"user\" to MySQL or MariaDB, and the end of the session."),
            ("postgresql", CheckType.Postgresql, "A question to PostgreSQL, or a login of \"user\" and its end."),
            ("none", CheckType.None, "No check: the upstream counts as up.")),
        CheckType.Http,
        "What a check does: it sends an HTTP/1.1 request, over TLS when the URL says https (http); it connects, and may send and expect "
        + "bytes (tcp); it greets a mail server and takes its leave (smtp, imap, pop3); it logs in to MySQL or MariaDB and ends the "
        + "session (mysql); it asks PostgreSQL, or logs in (postgresql); or there is no check (none).",
        "\"tcp\"");

    public static Key<string?> Url { get; } = Key<string?>.WithComputedDefault("url", new UrlTemplateKind(), () => null,
        "The URL that a check of type http requests; that type requires it. {host}, {port} and {name} are those of the upstream. "
        + "Without them one server answers "
            + "for all upstreams.",
        "\"http://{host}:8080/health\"");

    public static Key<string?> Address { get; } = Key<string?>.WithComputedDefault("address", new AddressTemplateKind(), () => null,
        "Where a check of any type but http connects, with {host}, {port} and {name} as in url. By default the upstream's address.",
        "\"{host}:8081\"");

    public static Key<string> Method { get; } = Key<string>.WithDefault("method", new MethodKind(), "GET",
        "The method of the request.", "\"HEAD\"");

    public static Key<ImmutableArray<CheckHeader>> Headers { get; } = Key<ImmutableArray<CheckHeader>>.WithDefault("headers",
        new HeadersKind(), [],
        $"Headers of the request, at most {ConfigurationLimits.CheckHeadersLengthMax} characters together, with templates as in url. "
        + "Host is by default that of the URL.", """{ "Host": "mail.example" }""");

    public static Key<ImmutableArray<byte>> Body { get; } = Key<ImmutableArray<byte>>.WithComputedDefault("body",
        new BytesKind(ConfigurationLimits.CheckBodyBytesMax), () => [],
        "The body of the request. By default there is none.", "\"ping\"");

    public static Key<ImmutableArray<byte>> Send { get; } = Key<ImmutableArray<byte>>.WithComputedDefault("send",
        new BytesKind(ConfigurationLimits.CheckSendBytesMax), () => [],
        "What a TCP check sends after it has connected. By default nothing.", "\"PING\\r\\n\"");

    public static Key<ImmutableArray<CheckStep>> Steps { get; } = Key<ImmutableArray<CheckStep>>.WithComputedDefault("steps",
        new ListKind<CheckStep>(CheckStepKeys.Kind, 1, ConfigurationLimits.CheckStepsMax), () => [],
        "The dialogue of a TCP check, in place of send and expect: each step sends or expects. After the last one the connection is closed "
        + "in order.",
        """[{ "expect": "/^220 .*\\n/" }, { "send": "QUIT\\r\\n" }, { "expect": "/^221/" }]""");

    public static Key<string?> Helo { get; } = Key<string?>.WithComputedDefault("helo", new ServerNameKind(), () => null,
        "The name in the EHLO of an SMTP check, a DNS name or an IP address. By default localhost.", "\"proxy.example\"");

    public static Key<string> User { get; } = Key<string>.WithComputedDefault("user", new NameKind(), () => "",
        "The user that a check logs in, without a password. By default check for type mysql. A check of type postgresql logs in to the "
        + "database postgres; without this key it does not log in.", "\"check\"");

    public static Key<TimeSpan> Timeout { get; } = Key<TimeSpan>.WithDefault("timeout", Wait, TimeSpan.FromSeconds(5),
        "How long one probe may take as a whole: connect, TLS, headers, and the body as far as it is needed.", "\"2s\"");

    public static Key<TimeSpan> Interval { get; } = Key<TimeSpan>.WithDefault("interval",
        new DurationKind(ConfigurationLimits.CheckIntervalMin, ConfigurationLimits.CheckIntervalMax), TimeSpan.FromSeconds(15),
        "The time from the start of one check to the start of the next; an upstream's checks never overlap.", "\"5s\"");

    public static Key<ProbeRule> Probes { get; } = Key<ProbeRule>.WithDefault("probes", ProbeRuleKeys.Kind, default,
        "How many probes decide a check. By default the first probe decides.", """{ "failures": 3, "delay": "1s" }""");

    public static Key<CheckExpectation> Expect { get; } = Key<CheckExpectation>.WithDefault("expect",
        CheckExpectationKeys.Kind, null!,
        "What makes an answer a good one.", """{ "failStatus": ["5xx", "404"], "body": "OK" }""");

    public static Key<CheckTls> Tls { get; } = Key<CheckTls>.WithDefault("tls", CheckTlsKeys.Kind, null!,
        "TLS of a check whose URL is https. A check of type tcp, smtp, imap or pop3 with this key, even if it is empty, speaks TLS from "
        + "the first byte. All files are PEM, and `check` reads them too.",
        """{ "verify": true, "serverName": "mail.example" }""");

    public static Key<CheckProxyHeader> ProxyHeader { get; } = Key<CheckProxyHeader>.WithComputedDefault("proxyHeader",
        new ChoiceKind<CheckProxyHeader>(("none", CheckProxyHeader.None, "A probe sends no PROXY header."),
            ("v1", CheckProxyHeader.V1, "A probe sends version 1 with the addresses of its own connection."),
            ("v2", CheckProxyHeader.V2, "A probe sends version 2 LOCAL, which names no client.")),
        () => CheckProxyHeader.None,
        "The PROXY header that a probe sends first: version 1 with the addresses of the check's own connection (v1), version 2 LOCAL, "
        + "which names no client (v2), or none. By default the one of the upstream's mode where the check connects to the upstream's own "
        + "address and port, else none.",
        "\"v2\"");

    public static Key<bool> Initial { get; } = Key<bool>.WithDefault("initial", new ChoiceKind<bool>(
        ("up", true, "It gets clients before its first check has completed."),
        ("down", false, "It gets no clients before its first check is good.")), true,
        "The state of an upstream until its first check has completed: it gets clients (up), or does not (down).", "\"down\"");

    public static Key<bool> OnDown { get; } = Key<bool>.WithDefault("onDown", new ChoiceKind<bool>(
        ("keep", false, "Its sessions continue."),
        ("reset", true, "Its sessions are reset.")), false,
        "Whether the sessions on an upstream that goes down continue (keep) or are reset (reset).", "\"reset\"");

    public static ObjectKind<HealthCheckDraft?> Kind { get; } = new(
        [
            Type, Url, Address, Method, Headers, Body, Send, Steps, Helo, User, Timeout, Interval, Probes, Expect, Tls, ProxyHeader,
            Initial, OnDown,
        ],
        Make, () => HealthCheckSchema.Text);

    private static HealthCheckDraft Make(ObjectReader reader)
    {
        CheckType type = reader.Get(Type);
        string? url = reader.Get(Url);
        string? address = reader.Get(Address);
        string user = reader.Get(User);
        ImmutableArray<byte> body = reader.Get(Body);
        ImmutableArray<byte> send = reader.Get(Send);
        var check = new HealthCheckConfiguration
        {
            Type = type,
            Method = reader.Get(Method),
            Headers = reader.Get(Headers),
            Content = type == CheckType.Tcp ? send : body,
            Steps = reader.Get(Steps),
            Helo = reader.Get(Helo),
            User = user.Length > 0 ? user : type == CheckType.Mysql ? "check" : null,
            UsesTls = type != CheckType.Http && reader.Node.Find(Tls.Name) is not null,
            Timeout = reader.Get(Timeout),
            Interval = reader.Get(Interval),
            Probes = reader.GetObject(Probes),
            Expect = reader.GetObject(Expect),
            Tls = reader.GetObject(Tls),
            ProxyHeader = CheckProxyHeader.None,
            InitiallyServing = reader.Get(Initial),
            ResetOnDown = reader.Get(OnDown),
        };
        var draft = new HealthCheckDraft(type, url, address, reader.GetOptional(ProxyHeader), check, reader.Node);
        HealthCheckRules.Check(draft, reader);
        return draft;
    }
}
