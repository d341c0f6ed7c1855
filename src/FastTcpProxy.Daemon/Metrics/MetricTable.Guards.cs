using System.Collections.Immutable;
using FastTcpProxy.Engine.Guards.Sources;
using static FastTcpProxy.Daemon.Metrics.MetricKind;

namespace FastTcpProxy.Daemon.Metrics;

/// <summary>
/// The metrics of the guards' tables. Those of sources are there where a service limits sources. Who was refused, and why, is in
/// fasttcpproxy_sessions_ended_total.
/// </summary>
internal static partial class MetricTable
{
    private static readonly LabelText Admitted = new(("result", "admitted")), Refused = new(("result", "refused"));

    private static IEnumerable<MetricFamily> OfGuards() =>
    [
        Process("fasttcpproxy_guard_entries", Gauge, "Networks that were allowed or denied at run time.", "",
            static (p, s) => s.Add(LabelText.None, p.GuardEntries)),
        Sources("fasttcpproxy_guard_sources", Gauge, "Sources that the table has, with those that make room for others.", [],
            static (c, s) => s.Add(LabelText.None, c.Used)),
        Sources("fasttcpproxy_guard_sources_limit", Gauge, "Sources that the table has room for.", [],
            static (c, s) => s.Add(LabelText.None, c.Capacity)),
        Sources("fasttcpproxy_guard_sources_pinned", Gauge,
            "Sources that make no room for others: they have a session or a penalty, or are vouched for.", [],
            static (c, s) => s.Add(LabelText.None, c.Pinned)),
        Sources("fasttcpproxy_guard_bans", Gauge, "Sources that are banned.", [], static (c, s) => s.Add(LabelText.None, c.Bans)),
        Sources("fasttcpproxy_guard_sources_evicted_total", Counter, "Sources that were forgotten for others, of this process alone.", [],
            static (c, s) => s.Add(LabelText.None, c.Evicted)),
        Sources("fasttcpproxy_guard_overflow_sessions", Gauge,
            "Sessions of sources for which there was no room; they are limited together, as one source.", [],
            static (c, s) => s.Add(LabelText.None, c.OverflowSessions)),
        Sources("fasttcpproxy_guard_overflow_clients_total", Counter,
            "Clients of sources for which there was no room, of this process alone.", ["result"], static (c, s) =>
            {
                s.Add(LabelText.None, Admitted, c.OverflowAdmitted);
                s.Add(LabelText.None, Refused, c.OverflowRefused);
            }),
    ];

    private static MetricFamily<ProcessView> Sources(string name, MetricKind kind, string help, ImmutableArray<string> labels,
        Action<SourceTableCounts, ISampleSink> write) => Process(name, kind, help, labels, (p, s) =>
        {
            if (p.Sources is { } counts) write(counts, s);
        });
}
