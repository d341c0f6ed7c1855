using System.Collections.Immutable;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to <c>GET /v1/events</c>. Immutable.</summary>
/// <param name="Instance">The process: sequence numbers of another one mean other events.</param>
/// <param name="Events">Those that match, the oldest first.</param>
/// <param name="More">Whether older ones match too.</param>
/// <param name="Generations">Earlier processes, whose events are not among these. Null from earlier versions.</param>
internal sealed record EventsDocument(string Instance, ImmutableArray<EventDocument> Events, bool More,
    ImmutableArray<GenerationDocument>? Generations = null);

/// <summary>An event of the operational log. Immutable.</summary>
/// <param name="Sequence">From 1, one more for each event of the process.</param>
/// <param name="At">UTC, in whole milliseconds; of a sum: when the last of them was.</param>
/// <param name="Id">The stable number.</param>
/// <param name="Level"><c>debug</c>, <c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Service">The service that it concerns; null: none alone.</param>
/// <param name="Upstream">The upstream that it concerns; null: none alone.</param>
/// <param name="Author">Who asked for it; null: no operator did.</param>
/// <param name="Count">How many equal events it stands for.</param>
internal sealed record EventDocument(long Sequence, DateTime At, int Id, string Level, string? Service, string? Upstream, string? Author,
    int Count, string Text);

/// <summary>The first message of a stream: who sends it. Immutable.</summary>
internal sealed record StreamBeginDocument(string Instance, int Pid, string Version);

/// <summary>A message in place of events that are no longer held. Immutable.</summary>
/// <param name="Lost">How many; null: it is not known.</param>
/// <param name="Why">For people.</param>
internal sealed record StreamGapDocument(long? Lost, string Why);

/// <summary>The last message of a stream. Immutable.</summary>
/// <param name="Why">For people.</param>
internal sealed record StreamEndDocument(string Why);

/// <summary>Which events a client wants. Immutable.</summary>
/// <param name="Since">Not older than this, a duration; null: all for a list, none for a stream.</param>
/// <param name="Level">This level and those above it; null: all.</param>
/// <param name="Service">Null: of any service, or none.</param>
internal sealed record EventChoice(string? Since = null, string? Level = null, string? Service = null)
{
    /// <summary>How many a list has where the request does not say.</summary>
    public const int ListedDefault = 100;

    /// <summary>How many a list may have: as many as the ring holds.</summary>
    public const int ListedMax = 6144;

    /// <summary>How far back a request may ask; the ring decides how far it can.</summary>
    public static readonly TimeSpan SinceMin = TimeSpan.FromMilliseconds(1), SinceMax = TimeSpan.FromDays(30);

    /// <summary>The words for levels, the least first.</summary>
    public static ImmutableArray<string> Levels => ["debug", "info", "warning", "error"];

    /// <summary>The names in it.</summary>
    public (string? Service, ImmutableArray<string> Upstreams)? Names => (Service, []);
}

/// <summary>The kinds of messages in a stream of events.</summary>
internal static class StreamMessage
{
    public const string Begin = "begin", Log = "log", Gap = "gap", End = "end";

    /// <summary>The media type of a stream (WHATWG HTML, section 9.2).</summary>
    public const string MediaType = "text/event-stream";

    /// <summary>The field of a request that names the last message that its client has.</summary>
    public const string LastIdHeader = "Last-Event-ID";

    /// <summary>How long a client waits before it connects again.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>How often a silent stream sends a comment, so that both sides notice when the other is gone.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
}
