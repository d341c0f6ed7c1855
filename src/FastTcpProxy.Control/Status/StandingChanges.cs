using System.Collections.Immutable;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Engine.Services;
using FastTcpProxy.Engine.Upstreams;

namespace FastTcpProxy.Control.Status;

/// <summary>
/// Finds servers that sessions have begun to try last, or have stopped to. Reads what sessions have decided; a suspicion that begins and
/// ends between two looks is in the counters alone. One task at a time.
/// </summary>
/// <param name="composer">The services that run.</param>
/// <param name="time">The clock.</param>
public sealed class StandingChanges(ServiceComposer composer, TimeProvider time)
{
    /// <summary>The most changes that are told at once; further ones are told the next time.</summary>
    public const int ToldMax = 8;

    private Dictionary<AddressStanding, Held> _held = [];

    /// <summary>The changes since the last look.</summary>
    public ImmutableArray<StandingChange> Find()
    {
        List<StandingChange> changes = [];
        Dictionary<AddressStanding, Held> held = [];
        long nowMs = AddressStanding.NowMs(time);
        foreach (ActiveService service in composer.Services)
        {
            Rotation rotation = service.Rotation;
            if (rotation.Configuration.Settings is { Suspect: null, Passive: null }) continue;
            foreach (Place place in rotation.Places)
            {
                foreach (UpstreamAddress address in place.Definition.Addresses)
                {
                    if (Judge(place, address, nowMs, changes) is { } now) held[address.Standing] = now;
                }
            }
        }
        // Without those that have left the configuration.
        _held = held;
        return [.. changes];
    }

    private Held? Judge(Place place, UpstreamAddress address, long nowMs, List<StandingChange> changes)
    {
        ActiveService service = place.Upstream.Service;
        ServiceSettings settings = service.Configuration.Settings;
        AddressStanding standing = address.Standing;
        StandingKind kind = settings switch
        {
            { Suspect: not null } when standing.Silence.IsLast => StandingKind.Suspect,
            { Passive: not null } when standing.IsEjected(nowMs) => StandingKind.Ejected,
            _ => StandingKind.Trusted,
        };
        Held? before = _held.TryGetValue(standing, out Held known) ? known : null;
        Held? now = kind == StandingKind.Trusted ? null : new Held(kind, before?.SinceMs ?? nowMs);
        if (before?.Kind == now?.Kind) return before;
        // What is not told now is as it was, and is found the next time.
        if (changes.Count == ToldMax) return before;
        changes.Add(new StandingChange(service.Name, place.Upstream.Name, place.Definition.Addresses.Length > 1 ? address.Text : "", kind,
            StandingText.Of(settings, address, nowMs), TimeSpan.FromMilliseconds(nowMs - (before?.SinceMs ?? nowMs))));
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

/// <summary>How sessions regard a server now. Immutable.</summary>
/// <param name="Address">Which one of its upstream; empty: it is the only one.</param>
/// <param name="Text">Why, for people; empty: it has its place.</param>
/// <param name="HeldFor">How long it was tried last until now.</param>
public sealed record StandingChange(string Service, string Upstream, string Address, StandingKind Kind, string Text, TimeSpan HeldFor);
