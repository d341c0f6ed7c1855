using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.ProxyProtocol;
using static FastTcpProxy.Daemon.Metrics.MetricKind;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>The metrics of services.</summary>
internal static partial class MetricTable
{
    private const string TcpInfo = "TCP_INFO, tcp(7)";

    private static readonly LabelText ToUpstream = new(("direction", "to_upstream")), ToClient = new(("direction", "to_client")),
        ClientLeg = new(("leg", "client")), UpstreamLeg = new(("leg", "upstream")),
        Serving = new(("state", "serving")), Down = new(("state", "down")), Disabled = new(("state", "disabled"));

    /// <summary>By the number of the reason.</summary>
    private static readonly ImmutableArray<LabelText> Reasons =
    [
        .. EndReasons.All.Select(r => new LabelText(("party", LabelText.Camel(r.Party.ToString())),
            ("phase", LabelText.Camel(r.Phase.ToString())), ("cause", LabelText.Camel(r.Cause.ToString())))),
        new LabelText(("party", "proxy"), ("phase", "unlisted"), ("cause", "unlisted")),
    ];

    private static readonly ImmutableArray<LabelText> HeaderErrors = LabelText.ForEach<ProxyDecodeError>("kind");

    private static IEnumerable<MetricFamily> OfServices() =>
    [
        Service("fasttcpproxy_sessions_accepted_total", Counter, "Clients accepted, those that admission refused too.", [],
            static (v, s) => s.Add(v.Labels, v.Counts.Accepted)),
        Service("fasttcpproxy_sessions_ended_total", Counter,
            "Sessions that have ended and clients that were refused, by reason; a reason is absent until it occurs.",
            ["party", "phase", "cause"], static (v, s) => AddEnded(v, s)),
        Service("fasttcpproxy_sessions_active", Gauge, "Sessions now.", [], static (v, s) => s.Add(v.Labels, v.Counts.Active)),
        Service("fasttcpproxy_sessions_limit", Gauge, "The most sessions of the service (maxSessions); absent without a limit.", [],
            static (v, s) =>
            {
                if (v.Rotation?.Configuration.Settings.SessionsMax is > 0 and var limit) s.Add(v.Labels, limit);
            }),
        Service("fasttcpproxy_bytes_total", Counter, "Payload bytes sent, as they go.", ["direction"], static (v, s) =>
        {
            s.Add(v.Labels, ToUpstream, v.Counts.BytesToUpstreams);
            s.Add(v.Labels, ToClient, v.Counts.BytesToClients);
        }),
        Service("fasttcpproxy_failover_cost_seconds", Histogram,
            "What failover has cost the clients that got to an upstream: from the accept to the begin of the attempt that succeeded.", [],
            static (v, s) => s.Add(v.Labels, in v.Counts.FailoverCost)),
        Service("fasttcpproxy_connects_pending", Gauge, "Connects to its upstreams under way.", [],
            static (v, s) => s.Add(v.Labels, v.Pending)),
        Service("fasttcpproxy_header_errors_total", Counter,
            "Headers of balancers that were not valid; a kind is absent until it occurs.", ["kind"], static (v, s) =>
            {
                for (int i = 1; i < HeaderErrors.Length; i++) AddSeen(s, v.Labels, HeaderErrors[i], v.Counts.HeaderErrors[i]);
            }),
        Service("fasttcpproxy_log_records_dropped_total", Counter, "Records of sessions that were dropped: the log did not keep up.", [],
            static (v, s) => s.Add(v.Labels, v.Counts.RecordsDropped)),
        .. OfHedges(), .. OfTcp(), .. OfRotation(),
    ];

    private static IEnumerable<MetricFamily> OfTcp() =>
    [
        Service("fasttcpproxy_tcp_retransmits_total", Counter, "Segments that were sent again, in sessions that have ended.", ["leg"],
            static (v, s) =>
            {
                s.Add(v.Labels, ClientLeg, v.Counts.ClientTcp.Retransmits);
                s.Add(v.Labels, UpstreamLeg, v.Counts.UpstreamTcp.Retransmits);
            }, TcpInfo),
        Service("fasttcpproxy_tcp_lost_total", Counter, "Segments that the kernel took for lost when their sessions ended.", ["leg"],
            static (v, s) =>
            {
                s.Add(v.Labels, ClientLeg, v.Counts.ClientTcp.Lost);
                s.Add(v.Labels, UpstreamLeg, v.Counts.UpstreamTcp.Lost);
            }, TcpInfo),
        Service("fasttcpproxy_tcp_rtt_seconds", Histogram, "The smoothed round-trip time of connections when their sessions ended.",
            ["leg"], static (v, s) =>
            {
                s.Add(v.Labels, ClientLeg, in v.Counts.ClientTcp.RoundTrip);
                s.Add(v.Labels, UpstreamLeg, in v.Counts.UpstreamTcp.RoundTrip);
            }, TcpInfo),
    ];

    private static IEnumerable<MetricFamily> OfRotation() =>
    [
        Service("fasttcpproxy_service_upstreams", Gauge,
            "Upstreams by what new clients find: serving; down or without an address; disabled by an operator or the configuration.",
            ["state"], static (v, s) => AddStates(v, s)),
        Service("fasttcpproxy_service_ready", Gauge, "1: new clients get an upstream that is up or unchecked; 0: they do not.", [],
            static (v, s) =>
            {
                if (v.Rotation is { } rotation) s.Add(v.Labels, rotation.IsAnyUp);
            }),
        Service("fasttcpproxy_service_failed_over", Gauge, "1: the first upstream of the list of now does not serve; 0: it does.", [],
            static (v, s) =>
            {
                if (v.Rotation is { } rotation) s.Add(v.Labels, rotation.Places[0].Why != ServingReason.Healthy);
            }),
    ];

    private static void AddEnded(ServiceView service, ISampleSink sink)
    {
        for (int i = 0; i < Reasons.Length; i++) AddSeen(sink, service.Labels, Reasons[i], service.Counts.Ended[i]);
    }

    private static void AddStates(ServiceView service, ISampleSink sink)
    {
        if (service.Rotation is not { } rotation) return;
        int serving = 0, disabled = 0;
        foreach (Place place in rotation.Places)
        {
            if (place.IsServing) serving++;
            else if (IsDisabled(place)) disabled++;
        }
        sink.Add(service.Labels, Serving, serving);
        sink.Add(service.Labels, Down, rotation.Places.Length - serving - disabled);
        sink.Add(service.Labels, Disabled, disabled);
    }

    private static bool IsDisabled(Place place) =>
        place.Why is ServingReason.DisabledByConfiguration or ServingReason.DisabledByOperator or ServingReason.Draining;

    /// <summary>Of the many values that a label can have only those that occurred, so that a page has no hundreds of zeros.</summary>
    private static void AddSeen(ISampleSink sink, LabelText owner, LabelText extra, long count)
    {
        if (count != 0) sink.Add(owner, extra, count);
    }

    private static MetricFamily<ServiceView> Service(string name, MetricKind kind, string help, ImmutableArray<string> labels,
        Action<ServiceView, ISampleSink> write, string source = "") =>
        new(name, kind, help, ["service", .. labels], static v => v.Services, write) { Source = source };
}
