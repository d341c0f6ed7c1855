using System.Collections.Immutable;
using FastTcpProxy.Engine.Outcomes;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;
using static FastTcpProxy.Daemon.Metrics.MetricKind;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>The metrics of hedges, suspicion, ejection and return. They are there where a service has the keys for them.</summary>
internal static partial class MetricTable
{
    private static readonly ImmutableArray<LabelText> HedgeResults = LabelText.ForEach<HedgeResult>("result");

    private static readonly LabelText BySilence = new(("evidence", "silence")), ByResets = new(("evidence", "resets"));

    private static IEnumerable<MetricFamily> OfHedges() =>
    [
        Service("fasttcpproxy_hedges_total", Counter,
            "Second attempts beside a first one, by what became of them, and those that were not made (noBudget, noRoom).", ["result"],
            static (v, s) =>
            {
                if (v.Rotation?.Configuration.Settings.Hedge is null) return;
                for (int i = 0; i < HedgeResults.Length; i++) s.Add(v.Labels, HedgeResults[i], v.Counts.Hedges[i]);
            }),
        Service("fasttcpproxy_client_wait_seconds", Histogram,
            "How long clients waited that got to an upstream: from the accept to the moment at which they were proxied.", [],
            static (v, s) =>
            {
                if (v.Rotation?.Configuration.Settings.Hedge is not null) s.Add(v.Labels, in v.Counts.ClientWait);
            }),
        Service("fasttcpproxy_session_retries_total", Counter,
            "How often a session left an upstream that had accepted and then reset the connection, for the next one (retryOnReset).", [],
            static (v, s) =>
            {
                if (v.Rotation?.Configuration.Settings.RetryOnReset is ResetRetry.BeforeClientBytes) s.Add(v.Labels, v.Counts.Retried);
            }),
    ];

    private static IEnumerable<MetricFamily> OfStandings() =>
    [
        Upstream("fasttcpproxy_upstream_held", Gauge,
            "Addresses of it that are tried last: they gave several clients no answer (silence) or ended their sessions at once (resets).",
            ["evidence"], static (u, s) =>
            {
                if (HasSuspicion(u)) s.Add(u.Labels, BySilence, Addresses(u).Count(a => a.Standing.Silence.IsLast));
                if (HasPassive(u)) s.Add(u.Labels, ByResets, Addresses(u).Count(a => a.Standing.IsEjected(NowMs)));
            }),
        Upstream("fasttcpproxy_upstream_new_client_ratio", Gauge,
            "The part of the new clients that begins with it: it grows from failback.start to 1 while it returns, and is 0 while it "
            + "is tried last.", [], static (u, s) =>
            {
                bool isRegarded = HasSuspicion(u) || HasPassive(u) || (u.Place is not null && u.Settings?.Failback is not null);
                if (isRegarded) s.AddMillionths(u.Labels, u.Settings!.ShareOf(u.Place!.Definition, NowMs));
            }),
        Upstream("fasttcpproxy_upstream_usual_connect_seconds", Gauge,
            "What a connect to its first address usually takes (smoothed); the hedge delay \"auto\" is made of it. Absent before one.",
            [], static (u, s) =>
            {
                if ((HasSuspicion(u) || u.Settings?.Hedge is not null) && u.Place?.Definition.Addresses is [var address, ..]
                    && address.UsualConnectTime is { } time) s.AddMicroseconds(u.Labels, LabelText.None, (long)time.TotalMicroseconds);
            }),
        Upstream("fasttcpproxy_upstream_suspected_total", Counter, "How often it has become suspect.", [], static (u, s) =>
        {
            if (HasSuspicion(u)) s.Add(u.Labels, u.Counts.Suspected);
        }),
        Upstream("fasttcpproxy_upstream_probes_total", Counter, "Clients that tried it to find out whether it answers again.", [],
            static (u, s) =>
            {
                if (HasSuspicion(u)) s.Add(u.Labels, u.Counts.Probes);
            }),
        Upstream("fasttcpproxy_upstream_early_ends_total", Counter, "Sessions that it ended at once, before it had sent a byte.", [],
            static (u, s) =>
            {
                if (HasPassive(u)) s.Add(u.Labels, u.Counts.EarlyEnds);
            }),
        Upstream("fasttcpproxy_upstream_ejected_total", Counter, "How often it was held for that.", [], static (u, s) =>
        {
            if (HasPassive(u)) s.Add(u.Labels, u.Counts.Ejected);
        }),
    ];

    private static long NowMs => AddressStanding.NowMs(TimeProvider.System);

    private static bool HasSuspicion(UpstreamView upstream) => upstream.Place is not null && upstream.Settings?.Suspect is not null;

    private static bool HasPassive(UpstreamView upstream) => upstream.Place is not null && upstream.Settings?.Passive is not null;

    private static ImmutableArray<UpstreamAddress> Addresses(UpstreamView upstream) => upstream.Place!.Definition.Addresses;
}
