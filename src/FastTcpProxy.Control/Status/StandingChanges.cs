using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Status;

/// <summary>
/// Finds upstreams that sessions have begun to try last, or have stopped to. Reads what sessions have decided; a suspicion that begins and
/// ends between two looks is in the counters alone. One task at a time.
/// </summary>
/// <param name="composer">The services that run.</param>
/// <param name="time">The clock.</param>
public sealed class StandingChanges(ServiceComposer composer, TimeProvider time)
{
    /// <summary>The most changes that are told at once; further ones are told the next time.</summary>
    public const int ToldMax = 8;

    private Dictionary<ActiveUpstream, Held> _held = [];

    /// <summary>The changes since the last look.</summary>
    public ImmutableArray<StandingChange> Find()
    {
        List<StandingChange> changes = [];
        Dictionary<ActiveUpstream, Held> held = [];
        long nowMs = UpstreamStanding.NowMs(time);
        foreach (ActiveService service in composer.Services)
        {
            Rotation rotation = service.Rotation;
            if (rotation.Configuration.Settings is { Suspect: null, Passive: null }) continue;
            foreach (Place place in rotation.Places)
            {
                if (Judge(place, nowMs, changes) is { } now) held[place.Upstream] = now;
            }
        }
        // Without those that have left the configuration.
        _held = held;
        return [.. changes];
    }

    private Held? Judge(Place place, long nowMs, List<StandingChange> changes)
    {
        ActiveUpstream upstream = place.Upstream;
        UpstreamStanding standing = place.Definition.Standing;
        StandingKind kind = upstream.Service.Configuration.Settings switch
        {
            { Suspect: not null } when standing.Silence.IsLast => StandingKind.Suspect,
            { Passive: not null } when standing.IsEjected(nowMs) => StandingKind.Ejected,
            _ => StandingKind.Trusted,
        };
        Held? before = _held.TryGetValue(upstream, out Held known) ? known : null;
        Held? now = kind == StandingKind.Trusted ? null : new Held(kind, before?.SinceMs ?? nowMs);
        if (before?.Kind == now?.Kind) return before;
        // What is not told now is as it was, and is found the next time.
        if (changes.Count == ToldMax) return before;
        changes.Add(new StandingChange(upstream.Service.Name, upstream.Name, kind, StandingText.Of(place),
            TimeSpan.FromMilliseconds(nowMs - (before?.SinceMs ?? nowMs))));
        return now;
    }

    private readonly record struct Held(StandingKind Kind, long SinceMs);
}

/// <summary>How sessions regard an upstream.</summary>
public enum StandingKind
{
    /// <summary>It has its place in the list, or comes back to it.</summary>
    Trusted,

    /// <summary>Tried last, because clients got no answer.</summary>
    Suspect,

    /// <summary>Tried last, because it ended sessions at once.</summary>
    Ejected,
}

/// <summary>How sessions regard an upstream now. Immutable.</summary>
/// <param name="Text">Why, for people; empty: it has its place.</param>
/// <param name="HeldFor">How long it was tried last until now.</param>
public sealed record StandingChange(string Service, string Upstream, StandingKind Kind, string Text, TimeSpan HeldFor);
