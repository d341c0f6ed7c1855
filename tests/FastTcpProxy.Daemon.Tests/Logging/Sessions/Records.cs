using System.Net;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Records;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using FastTcpProxy.ProxyProtocol;

namespace FastTcpProxy.Daemon.Tests.Logging.Sessions;

/// <summary>Records of sessions as the engine writes them. Pure.</summary>
internal static class Records
{
    public static readonly ServiceDefinition Service = new()
    {
        Name = "mail",
        Upstreams =
        [
            new UpstreamDefinition("a", HeaderMode.ProxyV2,
                [new UpstreamAddress(IPEndPoint.Parse("192.0.2.10:25")), new UpstreamAddress(IPEndPoint.Parse("[2001:db8::10]:25"))]),
            new UpstreamDefinition("b x\"#", HeaderMode.ProxyV1, [new UpstreamAddress("/run/b.sock")]),
            new UpstreamDefinition("lost", HeaderMode.Raw, []),
        ],
    };

    public static readonly SessionIds Ids = new(0xabcd);

    /// <summary>A session that was proxied to the first upstream at once.</summary>
    public static SessionRecord Proxied(EndReason reason)
    {
        SessionRecord record = Base(reason);
        record.Attempts.Add(new Attempt(0, 0, AttemptOutcome.Connected, 1_500));
        record.UpstreamIndex = 0;
        record.UpstreamAddress = Service.Upstreams[0].Addresses[0];
        record.Mode = HeaderMode.ProxyV2;
        record.ConnectUs = 1_600;
        record.BytesFromClient = 10;
        record.BytesFromUpstream = 2_000;
        return record;
    }

    /// <summary>A session for which these upstreams were tried in vain.</summary>
    public static SessionRecord Failed(EndReason reason, params Attempt[] attempts)
    {
        SessionRecord record = Base(reason);
        foreach (Attempt attempt in attempts) record.Attempts.Add(attempt);
        record.ConnectUs = 5_000_000;
        return record;
    }

    /// <summary>A session that ended before anything was tried.</summary>
    public static SessionRecord Base(EndReason reason) => new()
    {
        Id = 513,
        StartedUtcTicks = new DateTime(2026, 2, 3, 4, 5, 6, 789, DateTimeKind.Utc).Ticks,
        Service = Service,
        Listener = "0.0.0.0:25",
        Peer = InetEndPoint.FromIPv4(0xC6336407, 4321),
        Client = InetEndPoint.FromIPv4(0xC6336407, 4321),
        UpstreamIndex = -1,
        ConnectUs = -1,
        TotalUs = 5_012_345,
        Reason = reason,
        ProcessSessions = 7,
        ServiceSessions = 3,
    };
}
