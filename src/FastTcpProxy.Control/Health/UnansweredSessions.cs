using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Health;

/// <summary>
/// Finds upstreams that end one session after the other without a byte: they may not want the PROXY header, or may want one. Reads the
/// counts that sessions leave when they end. One task at a time.
/// </summary>
/// <param name="composer">The services that run.</param>
/// <param name="time">The clock.</param>
public sealed class UnansweredSessions(ServiceComposer composer, TimeProvider time)
{
    /// <summary>From so many sessions in a row on an upstream is found: single clients are sent away for reasons of their own.</summary>
    public const int SessionsMin = 5;

    /// <summary>The most upstreams that are found at once; further ones are found the next time.</summary>
    public const int FoundMax = 8;

    /// <summary>An upstream that was found is not found again for this long.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);

    private Dictionary<ActiveUpstream, Row> _rows = [];
    private volatile IReadOnlyDictionary<(string Service, string Upstream), UnansweredUpstream> _current =
        new Dictionary<(string Service, string Upstream), UnansweredUpstream>();

    /// <summary>
    /// The upstreams whose row is that long as of the last look, whether found before or not: until one of their sessions is answered. Any
    /// thread.
    /// </summary>
    public IReadOnlyDictionary<(string Service, string Upstream), UnansweredUpstream> Current => _current;

    /// <summary>The upstreams that are found now and were not before.</summary>
    public ImmutableArray<UnansweredUpstream> Find()
    {
        List<UnansweredUpstream> found = [];
        Dictionary<ActiveUpstream, Row> rows = [];
        foreach (ActiveService service in composer.Services)
        {
            foreach (Place place in service.Rotation.Places)
            {
                UpstreamCounts counts = place.Upstream.Activity.Counts;
                if (counts.Unanswered > 0) rows[place.Upstream] = Judge(place, counts.Answered, counts.Unanswered, found);
            }
        }
        // Without those that have left the configuration.
        _rows = rows;
        Dictionary<(string Service, string Upstream), UnansweredUpstream> current = [];
        foreach ((ActiveUpstream upstream, Row row) in rows)
        {
            if (row.Sessions < SessionsMin) continue;
            UnansweredUpstream unanswered = new(upstream.Service.Name, upstream.Name, row.Mode, row.Sessions);
            current[(unanswered.Service, unanswered.Upstream)] = unanswered;
        }
        _current = current;
        return [.. found];
    }

    private Row Judge(Place place, long answered, long unanswered, List<UnansweredUpstream> found)
    {
        ActiveUpstream upstream = place.Upstream;
        HeaderMode mode = upstream.Configuration.Mode;
        // Those before the first look are in a row too, unless one was answered.
        if (!_rows.TryGetValue(upstream, out Row row)) row = new Row(answered, answered == 0 ? 0 : unanswered, mode, 0, null);
        // An answer, or another mode, begins the row anew.
        else if (answered != row.Answered || mode != row.Mode) row = row with { Answered = answered, Before = unanswered, Mode = mode };
        long inARow = unanswered - row.Before;
        row = row with { Sessions = inARow };
        bool isQuiet = row.FoundAt is { } at && time.GetElapsedTime(at) < Quiet;
        if (inARow < SessionsMin || isQuiet || found.Count == FoundMax) return row;
        found.Add(new UnansweredUpstream(upstream.Service.Name, upstream.Name, mode, inARow));
        return row with { FoundAt = time.GetTimestamp() };
    }

    /// <summary>What is known of one upstream.</summary>
    /// <param name="Answered">Its answered sessions at the last look.</param>
    /// <param name="Before">Its unanswered sessions when the row began.</param>
    /// <param name="Mode">Its mode during the row.</param>
    /// <param name="Sessions">How many are in the row.</param>
    /// <param name="FoundAt">When it was found last, as a stamp of the clock.</param>
    private readonly record struct Row(long Answered, long Before, HeaderMode Mode, long Sessions, long? FoundAt);
}

/// <summary>An upstream that ends sessions without an answer. Immutable.</summary>
/// <param name="Service">The service's name.</param>
/// <param name="Upstream">The upstream's name.</param>
/// <param name="Mode">What it is told about the client.</param>
/// <param name="Sessions">How many in a row.</param>
public sealed record UnansweredUpstream(string Service, string Upstream, HeaderMode Mode, long Sessions)
{
    /// <summary>What was seen, for people.</summary>
    public string Text
    {
        get
        {
            string closed = $"it closed {Counted.Of(Sessions, "session")} in a row without an answer";
            return Mode == HeaderMode.Raw
                ? $"{closed}; its mode is \"raw\""
                : $"{closed}, right after the header; mode \"raw\" sends none";
        }
    }
}
