using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to <c>GET /v1/status</c>. Immutable. The times of it and its parts are UTC, in whole milliseconds.</summary>
/// <param name="Version">Of the program.</param>
/// <param name="Pid">Its process.</param>
/// <param name="StartedAt">When it began to serve.</param>
/// <param name="State"><c>starting</c>, <c>serving</c> or <c>draining</c>.</param>
/// <param name="Ready">Whether clients of every service are served, or at least tried to be; whether <c>/readyz</c> says 200.</param>
/// <param name="NotReady">What is not ready, for people; empty when <paramref name="Ready"/>.</param>
/// <param name="Stored">Whether overrides survive the exit of the process.</param>
/// <param name="Config">The source of the configuration in force.</param>
/// <param name="Generations">Processes that have handed over their listeners and drain; the oldest first.</param>
/// <param name="Services">In the order of the configuration.</param>
/// <param name="Readiness"><c>ready</c>, <c>degraded</c> or <c>notReady</c>: the worst of its services. Absent from earlier
/// versions.</param>
/// <param name="Degraded">Which services have no upstream that is up, for people. Null from earlier versions.</param>
/// <param name="Draining">Null: it does not drain.</param>
internal sealed record StatusDocument(
    string Version,
    int Pid,
    DateTime StartedAt,
    string State,
    bool Ready,
    ImmutableArray<string> NotReady,
    bool Stored,
    ConfigDocument Config,
    ImmutableArray<GenerationDocument> Generations,
    ImmutableArray<ServiceDocument> Services,
    string Readiness = "ready",
    ImmutableArray<string>? Degraded = null,
    DrainingDocument? Draining = null)
{
    /// <summary>
    /// What is wrong with the process itself, for people: work in the background that failed, listeners that are lost. Empty: nothing is
    /// known to be.
    /// </summary>
    public ImmutableArray<string> Trouble { get; init; } = [];

    /// <summary>Of all services, those too that are gone. Null from earlier versions, and before the first second is over.</summary>
    public TrafficDocument? Traffic { get; init; }

    /// <summary>
    /// How late the ticks of the slowest loop were, over the last ten seconds. Null from earlier versions, and in the first second.
    /// </summary>
    public QuantilesDocument? LoopLagMs { get; init; }

    /// <summary>Processes that drain beside <see cref="Generations"/>, which has those with sessions and then the oldest.</summary>
    public int GenerationsMore { get; init; }
}

/// <summary>A process that takes no clients any more. Immutable.</summary>
/// <param name="Since">Since when.</param>
/// <param name="Cause">For whom, or why, for people: <c>process 4712 has taken over</c>, <c>SIGTERM</c>, <c>request of anna</c>.</param>
/// <param name="Until">When the remaining sessions are reset; null: they may continue.</param>
/// <param name="Successor">The process that has taken over; null: none has, or it cannot be seen.</param>
internal sealed record DrainingDocument(DateTime Since, string Cause, DateTime? Until, int? Successor);

/// <summary>The source of the configuration in force. Immutable.</summary>
/// <param name="Source">The file, or the request that sent it.</param>
/// <param name="LoadedAt">When.</param>
/// <param name="Author">Who loaded it.</param>
/// <param name="LastFailure">The reload that failed since; null: none has.</param>
internal sealed record ConfigDocument(string Source, DateTime LoadedAt, string Author, FailedReloadDocument? LastFailure);

/// <summary>A reload that changed nothing. Immutable.</summary>
/// <param name="Errors">Why, as a command prints it; at least one.</param>
internal sealed record FailedReloadDocument(DateTime At, string Author, string Source, ImmutableArray<string> Errors);

/// <summary>A process that has handed its listeners over, and drains. Immutable.</summary>
/// <param name="Socket">The path of its own administrative socket.</param>
/// <param name="Sessions">How many it still has.</param>
internal sealed record GenerationDocument(int Pid, string Socket, int Sessions, DateTime StartedAt);

/// <summary>A service. Immutable.</summary>
/// <param name="Listen">Its addresses, as configured.</param>
/// <param name="AllDown">Whether health has taken out every upstream that is enabled, so that <c>allDown</c> decides.</param>
/// <param name="Order">What an operator has set; null: the configured order holds.</param>
/// <param name="Upstreams">In the order in which they are tried.</param>
/// <param name="Readiness"><c>ready</c>, <c>degraded</c> or <c>notReady</c>. Absent from earlier versions.</param>
internal sealed record ServiceDocument(
    string Name,
    ImmutableArray<string> Listen,
    int Sessions,
    bool AllDown,
    OverrideDocument? Order,
    ImmutableArray<UpstreamDocument> Upstreams,
    string Readiness = "ready")
{
    /// <summary>Null from earlier versions, and before the first second of the service is over.</summary>
    public TrafficDocument? Traffic { get; init; }
}

/// <summary>An upstream: what is configured, what an operator has set, what checks say, and what follows. Immutable.</summary>
/// <param name="Override">Null: the configuration holds.</param>
/// <param name="Serving">Whether new clients can get to it now.</param>
/// <param name="Why">Why it serves or does not, for people; never empty.</param>
/// <param name="Sessions">Sessions that are proxied to it.</param>
internal sealed record UpstreamDocument(
    string Name, ConfiguredDocument Configured, OverrideDocument? Override, HealthDocument Health, bool Serving, string Why, int Sessions)
{
    /// <summary>Null from earlier versions, and before the first second of the upstream is over.</summary>
    public UpstreamTrafficDocument? Traffic { get; init; }

    /// <summary>Why sessions try it last, or only some of them begin with it, for people. Null: it has its place.</summary>
    public string? Standing { get; init; }

    /// <summary>
    /// What its sessions say against its mode, for people: it may not want the PROXY header, or may want one. Null: nothing.
    /// </summary>
    public string? HeaderDoubt { get; init; }
}

/// <summary>What the configuration says of an upstream. Immutable.</summary>
/// <param name="Mode"><c>raw</c>, <c>proxy-v1</c> or <c>proxy-v2</c>.</param>
/// <param name="Place">In the configured list, from 1.</param>
internal sealed record ConfiguredDocument(string Address, string Mode, bool Enabled, int Place);

/// <summary>What checks say of an upstream. Immutable.</summary>
/// <param name="State"><c>up</c>, <c>down</c>, <c>initial</c> while its check has said nothing yet, or <c>unchecked</c> without a check;
/// versions before said <c>initial</c> there.</param>
/// <param name="Checked">Whether a check is configured.</param>
/// <param name="Reason">Why it is in this state, for people; never empty.</param>
/// <param name="Since">Null when it is not checked.</param>
/// <param name="Transitions">How often it went from up to down or back.</param>
/// <param name="Checks">Checks that have ended.</param>
/// <param name="LastCheck">Null before the first.</param>
/// <param name="NextCheck">In the past while a check is under way; null when it is not checked.</param>
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
