using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Entries;

/// <content>
/// What of the entries is in force: those of the services that are configured, until they expire. All of it under the store's lock, but for
/// the sweep.
/// </content>
public sealed partial class EntryStore
{
    private const string SweepWork = "sessions of denied clients";

    /// <summary>Entries of the table need no number: network, action and service tell them apart here too.</summary>
    private const uint Number = 0;

    private readonly Func<Task> _resetDenied;
    private readonly SemaphoreSlim _sweeping = new(1, 1);
    private Dictionary<string, ushort> _scopes = [];
    private int _sweepIsAsked;

    private uint NowS => GuardState.NowS(GuardState.NowUs(_time));

    /// <summary>
    /// Another configuration is in force: entries of its new services are too, and those of services that are gone are not. To be called
    /// before a new service gets its first client, and after it has its number.
    /// </summary>
    public void Reconcile()
    {
        lock (_changing)
        {
            ReadAgain();
            Dictionary<string, ushort> scopes = ReadScopes();
            if (scopes.Count == _scopes.Count && !scopes.Except(_scopes).Any()) return;
            _scopes = scopes;
            PutInForce();
        }
    }

    private Dictionary<string, ushort> ReadScopes() =>
        _composer.Services.ToDictionary(s => s.Name, s => s.State.Guarded.Scope, StringComparer.Ordinal);

    /// <summary>The number of a service in the table; null: it is not configured.</summary>
    private ushort? FindScope(string? service) => service is null ? NetworkEntry.AllServices
        : _scopes.TryGetValue(service, out ushort scope) ? scope : null;

    /// <summary>All of the table at one moment.</summary>
    private void PutInForce()
    {
        List<NetworkEntry> entries = new(_entries.Count);
        foreach (StoredEntry entry in _entries.Values)
        {
            if (FindScope(entry.Key.Service) is { } scope) entries.Add(InForce(entry, scope));
        }
        _guards.Entries.Replace(static _ => true, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(entries), NowS);
    }

    private NetworkEntry InForce(StoredEntry entry, ushort scope) =>
        new(entry.Key.Network, entry.Key.Action, Number, ExpiresS(entry.Expires), scope);

    /// <summary>The expiry by the clock of the guards; up to the next second, so that an entry never ends too early.</summary>
    private uint ExpiresS(DateTimeOffset? expires) => expires is { } end
        ? (uint)Math.Clamp(NowS + Math.Ceiling((end - _clock.Now).TotalSeconds), 0, NetworkEntry.Never - 1.0)
        : NetworkEntry.Never;

    /// <summary>
    /// Takes out of the memory what has expired. Those who follow know when it does.
    /// </summary>
    private void Purge(DateTimeOffset now)
    {
        _purged = now;
        EntryKey[] expired = [.. _entries.Values.Where(e => !e.IsLive(now)).Select(e => e.Key)];
        foreach (EntryKey key in expired) _entries.Remove(key);
        if (expired.Length > 0) _guards.Entries.Merge(NowS);
    }

    /// <summary>
    /// The sessions of denied clients are reset a moment later: of many changes at once, one look at all sessions does.
    /// </summary>
    private void AskForSweep()
    {
        if (Interlocked.Exchange(ref _sweepIsAsked, 1) == 0) _background.RunOnce(SweepWork, SweepAsync);
    }

    private async Task SweepAsync()
    {
        await Task.Delay(EntryLimits.SweepPause, _time).ConfigureAwait(false);
        // One at a time: a loop that hangs keeps one waiting, and no more.
        await _sweeping.WaitAsync().ConfigureAwait(false);
        try
        {
            Volatile.Write(ref _sweepIsAsked, 0);
            await _resetDenied().ConfigureAwait(false);
        }
        finally
        {
            _sweeping.Release();
        }
    }
}
