using System.Collections.Immutable;
using FastTcpProxy.Daemon.Protocol;

namespace FastTcpProxy.Daemon.Tests.Cli;

/// <summary>Documents as a proxy sends them, for the texts. Immutable.</summary>
internal static class GivenDocuments
{
    public static readonly DateTime Now = new(2026, 2, 3, 4, 5, 6, DateTimeKind.Utc);

    public const string Hostile = "\e[2J\r\n\u202e\u009b[red]x[/]";

    public static HealthDocument Up { get; } = new("up", true, "status 200", Now.AddHours(-2), false, 1, 480,
        new CheckDocument("good", Now.AddSeconds(-3), 12.3, [new ProbeDocument("good", "status 200", 12.3)]), Now.AddSeconds(12));

    public static HealthDocument Down { get; } = new("down", true, "connect timed out", Now.AddSeconds(-42), false, 3, 480,
        new CheckDocument("bad", Now.AddSeconds(-2), 5000, [new ProbeDocument("bad", "connect timed out", 5000, "connectTimeout")]),
        Now.AddSeconds(13));

    public static HealthDocument Unchecked { get; } = new("unchecked", false, "no check is configured", null, false, 0, 0, null, null);

    public static OverrideDocument Disabled { get; } = new("new disk, see #4711", "anna", Now.AddMinutes(-3),
        Now.AddMinutes(27)) { State = "disabled" };

    public static OverrideDocument Order { get; } = new("primary is slow", "anna", Now.AddHours(-1), null) { Names = ["secondary"] };

    public static ImmutableArray<UpstreamDocument> Upstreams { get; } =
    [
        new("secondary", new ConfiguredDocument("mail-b.example:25", "proxy-v2", true, 2), null, Up, true, "up", 7),
        new("primary", new ConfiguredDocument("192.0.2.10:25", "proxy-v2", true, 1), Disabled, Up, false,
            "disabled by anna until 2026-02-03 04:32:06Z: new disk, see #4711", 1234),
        new("spare", new ConfiguredDocument("unix:/run/spare.sock", "raw", false, 3), null, Unchecked, false,
            "disabled by the configuration (enabled: false)", 0),
    ];

    public static ServiceDocument Mail { get; } = new("mail", ["[::]:25", "unix:/run/mail.sock"], 1241, false, Order, Upstreams);

    /// <summary>A process with all that can be special about one.</summary>
    public static StatusDocument Status { get; } = new(
        "1.2.3", 4712, Now.AddDays(-3), "serving", false,
        ["service web: no upstream serves (a: down)"], false,
        new ConfigDocument("/etc/fasttcpproxy.json", Now.AddHours(-5), "anna",
            new FailedReloadDocument(Now.AddMinutes(-10), "SIGHUP", "/etc/fasttcpproxy.json",
                ["/etc/fasttcpproxy.json:3:5: error C012: services[0].mode is \"rwa\", expected raw"])),
        [new GenerationDocument(4711, "/run/fasttcpproxy/admin.sock.4711", 12, Now.AddDays(-30))],
        [
            Mail,
            new ServiceDocument("web", ["0.0.0.0:80"], 0, true, null,
                [new UpstreamDocument("a", new ConfiguredDocument("192.0.2.20:80", "raw", true, 1), null, Down, false, "down", 0)]),
            new ServiceDocument("imap", ["0.0.0.0:143"], 1, true, null,
                [new UpstreamDocument("b", new ConfiguredDocument("192.0.2.30:143", "raw", true, 1), null, Down, true,
                    "down, and tried nevertheless: no upstream that is enabled is up (allDown: try-in-order)", 1)]),
        ]);

    public static SessionsDocument Sessions { get; } = new(
    [
        new("a3f09c21b7e4-258", "mail", "[::]:25", "192.0.2.7:40001", "192.0.2.7:40001", "secondary", "192.0.2.11:25", "relaying",
            Now.AddHours(-1), 123456, 1023, 2500),
        new("a3f09c21b7e4-257", "mail", "[::]:25", "198.51.100.1:5000", "203.0.113.9:1024", "primary", "192.0.2.10:25", "connecting",
            Now.AddSeconds(-2), 0, 0, 2000),
        new("a3f09c21b7e4-2", "mail", "unix:/run/mail.sock", null, null, null, null, "readingHeader", Now, 0, 0, 0),
    ], true);

    public static ExplainDocument Explanation { get; } = new(
        "mail", "192.0.2.7",
        [new("[::]:25", true, "takes IPv4 too"), new("unix:/run/mail.sock", false, "a UNIX socket, not for addresses")],
        new GuardsDocument(new LimitDocument(1241, 500000, false), new LimitDocument(1241, 65536, false),
            new LimitDocument(1241, 1241, true), new AcceptProxyDocument(["10.0.0.0/8"], "plain", "no balancer, served without a header")),
        Order,
        [
            new("secondary", "proxy-v2", true, "up", null, Up, ["192.0.2.11:25", "192.0.2.12:25"], 7,
                [new AttemptDocument("connected", Now.AddSeconds(-3), 2), new AttemptDocument("timedOut", Now.AddMinutes(-5), 5000)]),
            new("primary", "proxy-v2", false, Upstreams[1].Why, Disabled, Up, [], 1234, []),
        ],
        "refused: the service has as many sessions as it may.");
}
