using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Engine.Outcomes;
using static FastTcpProxy.Daemon.Metrics.MetricKind;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>The metrics of upstreams. There may be thousands of them, so their histograms have few bounds.</summary>
internal static partial class MetricTable
{
    private static readonly ImmutableArray<LabelText> Outcomes = LabelText.ForEach<AttemptOutcome>("outcome");

    private static readonly LabelText Connected = Outcomes[(int)AttemptOutcome.Connected], NotConnected = new(("outcome", "failed")),
        Good = new(("result", "good")), Bad = new(("result", "bad")), Unknown = new(("result", "unknown"));

    private static IEnumerable<MetricFamily> OfUpstreams() =>
    [
        Upstream("fasttcpproxy_connect_attempts_total", Counter,
            "Connects that have ended, by outcome; an outcome other than connected is absent until it occurs.", ["outcome"],
            static (u, s) =>
            {
                s.Add(u.Labels, Connected, u.Counts.Attempts[0]);
                for (int i = 1; i < Outcomes.Length; i++) AddSeen(s, u.Labels, Outcomes[i], u.Counts.Attempts[i]);
            }),
        Upstream("fasttcpproxy_connect_duration_seconds", Histogram,
            "How long connects took, those that succeeded and the others; failed is absent until one fails.", ["outcome"],
            static (u, s) =>
            {
                s.Add(u.Labels, Connected, in u.Counts.Connected);
                if (u.Counts.Failed.Count != 0) s.Add(u.Labels, NotConnected, in u.Counts.Failed);
            }),
        Upstream("fasttcpproxy_first_byte_seconds", Histogram,
            "From the moment at which the upstream accepted to its first byte, of sessions in which one came.", [],
            static (u, s) => s.Add(u.Labels, in u.Counts.FirstByte)),
        Upstream("fasttcpproxy_upstream_connects_pending", Gauge, "Connects under way.", [],
            static (u, s) => s.Add(u.Labels, u.Counts.Pending)),
        Upstream("fasttcpproxy_upstream_sessions_active", Gauge, "Sessions that are proxied to it now.", [],
            static (u, s) => s.Add(u.Labels, u.Counts.Sessions)),
        Upstream("fasttcpproxy_upstream_sessions_total", Counter, "Sessions that were proxied to it.", [],
            static (u, s) => s.Add(u.Labels, u.Counts.SessionsTotal)),
        Upstream("fasttcpproxy_upstream_bytes_total", Counter, "Payload bytes sent to it, and its own that were sent to clients.",
            ["direction"], static (u, s) =>
            {
                s.Add(u.Labels, ToUpstream, u.Counts.BytesToUpstream);
                s.Add(u.Labels, ToClient, u.Counts.BytesToClient);
            }),
        .. OfPlaces(), .. OfStandings(), .. OfChecks(),
    ];

    private static IEnumerable<MetricFamily> OfPlaces() =>
    [
        Upstream("fasttcpproxy_upstream_serving", Gauge, "1: new clients can get to it; 0: they cannot.", [], static (u, s) =>
        {
            if (u.Place is { } place) s.Add(u.Labels, place.IsServing);
        }),
        Upstream("fasttcpproxy_upstream_disabled", Gauge, "1: an operator has disabled it, or lets it drain.", [], static (u, s) =>
        {
            if (u.Place is { } place)
                s.Add(u.Labels, place.Why is ServingReason.DisabledByOperator or ServingReason.Draining);
        }),
        Upstream("fasttcpproxy_upstream_position", Gauge, "Its place in the order in which upstreams are tried now, from 1.", [],
            static (u, s) =>
            {
                if (u.Place is not null) s.Add(u.Labels, u.Position);
            }),
        Upstream("fasttcpproxy_local_ports_limit", Gauge,
            "Local ports that connects to it from a source address can use; any is the address that the kernel chooses.", ["source"],
            static (u, s) => AddPorts(u, s, static (_, ports) => ports.Limit), "ip_local_port_range, ip(7)"),
        Upstream("fasttcpproxy_local_ports_used", Gauge,
            "Those of them in use by its sessions and connects: an even share where there is more than one source address.", ["source"],
            static (u, s) => AddPorts(u, s, static (upstream, ports) => ports.Used(upstream))),
    ];

    private static IEnumerable<MetricFamily> OfChecks() =>
    [
        Upstream("fasttcpproxy_upstream_up", Gauge, "1: the last check was good; 0: it was bad; absent before the first.", [],
            static (u, s) =>
            {
                if (u.Health is { State: not HealthState.Initial } health) s.Add(u.Labels, health.State == HealthState.Up);
            }),
        Upstream("fasttcpproxy_upstream_flapping", Gauge, "1: it changes so often that neither state says much.", [], static (u, s) =>
        {
            if (u.Health is { } health) s.Add(u.Labels, health.IsFlapping);
        }),
        Upstream("fasttcpproxy_upstream_checks_total", Counter,
            "Checks that have ended; unknown: this machine lacked something for it, absent until it occurs.", ["result"], static (u, s) =>
            {
                if (!HasChecks(u)) return;
                s.Add(u.Labels, Good, u.Checks.Good);
                s.Add(u.Labels, Bad, u.Checks.Bad);
                AddSeen(s, u.Labels, Unknown, u.Checks.Unknown);
            }),
        Upstream("fasttcpproxy_upstream_check_transitions_total", Counter, "Changes from up to down or back.", [], static (u, s) =>
        {
            if (HasChecks(u)) s.Add(u.Labels, u.Checks.Transitions);
        }),
        Upstream("fasttcpproxy_upstream_check_duration_seconds", Histogram, "From the start of a check to its result.", [],
            static (u, s) =>
            {
                if (HasChecks(u)) s.Add(u.Labels, in u.Checks.Duration);
            }),
    ];

    private static bool HasChecks(UpstreamView upstream) => upstream.Health is not null || upstream.Checks.Duration.Count != 0;

    private static void AddPorts(UpstreamView upstream, ISampleSink sink, Func<UpstreamView, LocalPorts, long> read)
    {
        if (upstream.Ports is not { } ports) return;
        foreach (LabelText source in ports.Sources) sink.Add(upstream.Labels, source, read(upstream, ports));
    }

    private static MetricFamily<UpstreamView> Upstream(string name, MetricKind kind, string help, ImmutableArray<string> labels,
        Action<UpstreamView, ISampleSink> write, string source = "") =>
        new(name, kind, help, ["service", "upstream", .. labels], static v => v.Upstreams, write)
        {
            Bounds = HistogramBounds.Few, Source = source,
        };
}
