using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Health.Model;
using FastTcpProxy.Engine.Outcomes;
using static FastTcpProxy.Daemon.Metrics.MetricKind;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// The metrics of upstreams. There may be thousands of them: their histograms have few bounds, nothing is told twice, and a state that is
/// rare is absent.
/// </summary>
internal static partial class MetricTable
{
    private static readonly ImmutableArray<LabelText> Outcomes = LabelText.ForEach<AttemptOutcome>("outcome");

    private static readonly LabelText Connected = Outcomes[(int)AttemptOutcome.Connected], NotConnected = new(("outcome", "failed"));

    private static IEnumerable<MetricFamily> OfUpstreams() =>
    [
        Upstream("fasttcpproxy_connect_seconds",
            "How long connects took, those that succeeded and the others; failed is absent until one fails.",
            HistogramBounds.Connect, ["outcome"], static (u, s) =>
            {
                s.Add(u.Labels, Connected, in u.Counts.Connected);
                if (u.Counts.Failed.Count != 0) s.Add(u.Labels, NotConnected, in u.Counts.Failed);
            }),
        Upstream("fasttcpproxy_connect_failures_total", Counter,
            "Connects that did not succeed, by outcome; an outcome is absent until it occurs.", ["outcome"], static (u, s) =>
            {
                for (int i = 1; i < Outcomes.Length; i++) AddSeen(s, u.Labels, Outcomes[i], u.Counts.Attempts[i]);
            }),
        Upstream("fasttcpproxy_first_byte_seconds",
            "From the moment at which the upstream accepted to its first byte, of sessions in which one came.", HistogramBounds.FirstByte,
            [], static (u, s) => s.Add(u.Labels, in u.Counts.FirstByte)),
        Upstream("fasttcpproxy_upstream_sessions_active", Gauge, "Sessions that are proxied to it now.", [],
            static (u, s) => s.Add(u.Labels, u.Counts.Sessions)),
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
        Upstream("fasttcpproxy_upstream_disabled", Gauge, "1: an operator has disabled it, or lets it drain; absent otherwise.", [],
            static (u, s) =>
            {
                if (u.Place?.Why is ServingReason.DisabledByOperator or ServingReason.Draining) s.Add(u.Labels, 1);
            }),
        Upstream("fasttcpproxy_local_ports_used", Gauge,
            "Local ports of a source address in use by its sessions and connects: an even share where there is more than one address; "
            + "any is the address that the kernel chooses.", ["source"], static (u, s) =>
            {
                foreach (LabelText source in u.Ports?.Sources ?? []) s.Add(u.Labels, source, u.Ports!.Used(u));
            }),
    ];

    private static IEnumerable<MetricFamily> OfChecks() =>
    [
        Upstream("fasttcpproxy_upstream_up", Gauge, "1: the last check was good; 0: it was bad; absent before the first.", [],
            static (u, s) =>
            {
                if (u.Health is { State: not HealthState.Initial } health) s.Add(u.Labels, health.State == HealthState.Up);
            }),
        Upstream("fasttcpproxy_upstream_flapping", Gauge,
            "1: it goes up and down so often that neither state says much; absent otherwise.", [], static (u, s) =>
            {
                if (u.Health is { IsFlapping: true }) s.Add(u.Labels, 1);
            }),
        Upstream("fasttcpproxy_check_seconds", "From the start of a check to its result, whatever that is.", HistogramBounds.Check, [],
            static (u, s) =>
            {
                if (HasChecks(u)) s.Add(u.Labels, in u.Checks.Duration);
            }),
        Upstream("fasttcpproxy_check_failures_total", Counter, "Checks that were bad.", [], static (u, s) =>
        {
            if (HasChecks(u)) s.Add(u.Labels, u.Checks.Bad);
        }),
        Upstream("fasttcpproxy_check_unknowns_total", Counter,
            "Checks that are neither good nor bad: this machine lacked something for them; absent until it occurs.", [],
            static (u, s) => AddSeen(s, u.Labels, LabelText.None, u.Checks.Unknown)),
        Upstream("fasttcpproxy_check_transitions_total", Counter, "Changes from up to down or back.", [], static (u, s) =>
        {
            if (HasChecks(u)) s.Add(u.Labels, u.Checks.Transitions);
        }),
    ];

    private static bool HasChecks(UpstreamView upstream) => upstream.Health is not null || upstream.Checks.Duration.Count != 0;

    private static MetricFamily<UpstreamView> Upstream(string name, MetricKind kind, string help, ImmutableArray<string> labels,
        Action<UpstreamView, ISampleSink> write) =>
        new(name, kind, help, ["service", "upstream", .. labels], static v => v.Upstreams, write);

    private static MetricFamily<UpstreamView> Upstream(string name, string help, HistogramBounds bounds, ImmutableArray<string> labels,
        Action<UpstreamView, ISampleSink> write) =>
        new(name, Histogram, help, ["service", "upstream", .. labels], static v => v.Upstreams, write) { Bounds = bounds };
}
