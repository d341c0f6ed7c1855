using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace FastTcpProxy.Daemon.Protocol;

/// <summary>The answer to <c>GET /v1/block</c>: a part of the list, or what has changed since a revision. Immutable.</summary>
/// <param name="Revision">Of the last change of all; where there are more changes, of the last one that is here.</param>
/// <param name="Total">How many entries match.</param>
/// <param name="More">Whether others follow.</param>
/// <param name="Stored">Whether entries survive the exit of the process.</param>
/// <param name="Entries">By their revisions.</param>
/// <param name="Removed">Those that were removed since; always empty in a list.</param>
internal sealed record BlockDocument(long Revision, int Total, bool More, bool Stored, ImmutableArray<EntryDocument> Entries,
    ImmutableArray<EntryKeyDocument> Removed);

/// <summary>What tells entries apart. Immutable.</summary>
/// <param name="Network">An address or a network.</param>
/// <param name="Action"><c>deny</c> or <c>allow</c>.</param>
/// <param name="Service">Null: for the clients of all services.</param>
internal record EntryKeyDocument(string Network, string Action, string? Service);

/// <summary>An entry that was made at run time. Immutable.</summary>
/// <param name="Expires">When it ends by itself; null: never.</param>
/// <param name="Reason">Why; empty when none was given.</param>
/// <param name="Author">Who.</param>
/// <param name="Origin"><c>operator</c>, <c>api</c>, <c>file</c> or <c>rule</c>.</param>
/// <param name="InForce">False: its service is not configured.</param>
internal sealed record EntryDocument(string Network, string Action, string? Service, DateTime? Expires, string Reason, string Author,
    string Origin, DateTime Created, long Revision, bool InForce) : EntryKeyDocument(Network, Action, Service);

/// <summary>The body of <c>POST /v1/block</c>. Immutable.</summary>
internal sealed record EntryRequestDocument(string Network, string Action)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Service { get; init; }

    /// <summary>How long it holds, such as <c>1h</c>; null: for good.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? For { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reason { get; init; }
}

/// <summary>The answer to <c>POST /v1/block/import</c>. Immutable.</summary>
/// <param name="Imported">How many entries were added or changed.</param>
internal sealed record ImportedDocument(int Imported);

/// <summary>The answer to <c>GET /v1/block/check</c>. Immutable.</summary>
internal sealed record BlockCheckDocument(string Address, ImmutableArray<ServiceCheckDocument> Services);

/// <summary>What holds for an address as a client of a service. Immutable.</summary>
/// <param name="Verdict"><c>denied</c>, <c>allowed</c>, <c>notAllowed</c>, <c>banned</c>, <c>limited</c> or <c>served</c>.</param>
/// <param name="Why">For people.</param>
/// <param name="Entry">The entry that decides, if it was made at run time.</param>
/// <param name="ConnectionsLeft">Connections that its source may make at once; null: not limited.</param>
/// <param name="RoomAt">When it may connect again; null: now.</param>
/// <param name="BannedUntil">Null: it is not banned.</param>
/// <param name="Trusted">Whether it is a balancer whose headers are believed.</param>
/// <param name="Upstreams">The upstreams that have this address.</param>
internal sealed record ServiceCheckDocument(string Service, string Verdict, string Why, EntryDocument? Entry, long? ConnectionsLeft,
    DateTime? RoomAt, DateTime? BannedUntil, bool Trusted, ImmutableArray<string> Upstreams);
