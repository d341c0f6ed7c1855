using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Admin.Documents;

/// <summary>The answer to <c>GET /v1/status</c>. Immutable. The times of it and its parts are UTC, in whole milliseconds.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Pid">Its process.</param>
/// <param name="StartedAt">When it began to serve.</param>
/// <param name="Services">In the order of the configuration.</param>
internal sealed record StatusDocument(string Version, int Pid, DateTime StartedAt, ImmutableArray<ServiceDocument> Services);

/// <summary>A service. Immutable.</summary>
/// <param name="AllOut">Whether health has taken out every upstream, so that <c>allDown</c> decides.</param>
internal sealed record ServiceDocument(string Name, ImmutableArray<string> Listen, int Sessions, bool AllOut, ImmutableArray<UpstreamDocument> Upstreams);

/// <summary>An upstream. Immutable.</summary>
/// <param name="Serving">Whether new clients can get to it now.</param>
internal sealed record UpstreamDocument(string Name, string Address, bool Serving, HealthDocument Health);

/// <summary>What checks say of an upstream. Immutable.</summary>
/// <param name="State"><c>up</c>, <c>down</c> or <c>initial</c>.</param>
/// <param name="Checked">Whether a check is configured.</param>
/// <param name="Reason">Why it is in this state, for people; never empty.</param>
/// <param name="Since">Null when nobody checks it.</param>
/// <param name="Transitions">How often it went from up to down or back.</param>
/// <param name="Checks">Checks that have ended.</param>
/// <param name="LastCheck">Null before the first.</param>
/// <param name="NextCheck">In the past while a check is under way; null when nobody checks it.</param>
internal sealed record HealthDocument(
    string State,
    bool Checked,
    string Reason,
    DateTime? Since,
    bool Flapping,
    long Transitions,
    long Checks,
    CheckDocument? LastCheck,
    DateTime? NextCheck);

/// <summary>How a check went. Immutable.</summary>
/// <param name="Result"><c>good</c> or <c>bad</c>.</param>
/// <param name="At">When it ended.</param>
/// <param name="DurationMs">With the delays between its probes, to a tenth.</param>
/// <param name="Probes">In order; the last one decided.</param>
internal sealed record CheckDocument(string Result, DateTime At, double DurationMs, ImmutableArray<ProbeDocument> Probes);

/// <summary>How a probe went. Immutable.</summary>
/// <param name="Result"><c>good</c> or <c>bad</c>.</param>
/// <param name="Reason">What was seen, for people.</param>
/// <param name="Failure">The kind of failure, for programs; absent when it was good.</param>
internal sealed record ProbeDocument(
    string Result,
    string Reason,
    double DurationMs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Failure = null);
