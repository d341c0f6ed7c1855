using System.Collections.Immutable;
using System.Runtime.InteropServices;
using FastTcpProxy.Control.Activation;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Overrides;
using FastTcpProxy.Engine.Background;
using FastTcpProxy.Engine.Guards.Decision;
using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Control.Entries;

/// <summary>
/// The networks that are denied and allowed at run time. A change is in force when it is answered, and is written to the state directory,
/// if there is one, within a second (<see cref="EntryLimits.WriteInterval"/>). Entries end by themselves when they expire. Those of a
/// service that is not configured are kept, and are in force again with it. Any thread but a loop: changes and readers take a lock, which
/// is never held while a disk is waited for.
/// </summary>
public sealed partial class EntryStore : IDisposable
{
    private readonly Lock _changing = new();
    private readonly ServiceComposer _composer;
    private readonly GuardState _guards;
    private readonly IEntryObserver _observer;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly ITimer _writer;
    // All below under the lock.
    private readonly SteadyClock _clock;
    private readonly EntryChanges _changes = new();
    private Dictionary<EntryKey, StoredEntry> _entries = [];
    private long _revision;
    private DateTimeOffset _purged;

    /// <param name="composer">The services that run.</param>
    /// <param name="guards">What judges clients.</param>
    /// <param name="resetDenied">Resets the sessions of clients that are denied now.</param>
    /// <param name="stateDirectory">Null: entries end with the process.</param>
    /// <param name="observer">Is told what happens without an operator.</param>
    /// <param name="time">The clock.</param>
    /// <param name="background">Counts the defects of the work behind changes.</param>
    public EntryStore(ServiceComposer composer, GuardState guards, Func<Task> resetDenied, string? stateDirectory, IEntryObserver observer,
        TimeProvider time, BackgroundWork? background = null)
    {
        ArgumentNullException.ThrowIfNull(time);
        (_composer, _guards, _resetDenied, _observer, _time) = (composer, guards, resetDenied, observer, time);
        _background = background ?? new BackgroundWork();
        _clock = new SteadyClock(time);
        _purged = _clock.Now;
        _directory = stateDirectory;
        _files = stateDirectory is null ? null : new EntryFiles(stateDirectory);
        _writer = time.CreateTimer(static store => ((EntryStore)store!).OnTimer(), this, Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether entries survive the exit of the process.</summary>
    public bool IsStored => _files is not null;

    /// <summary>
    /// How many there are, in force or not; one that has expired counts for up to <see cref="EntryLimits.PurgeInterval"/>.
    /// </summary>
    public int Count
    {
        get
        {
            lock (_changing) return _entries.Count;
        }
    }

    /// <summary>The wall clock, as expiries are compared with it.</summary>
    public DateTimeOffset Now
    {
        get
        {
            lock (_changing) return _clock.Now;
        }
    }

    /// <summary>Adds an entry, or gives the one that is there another end, reason and author.</summary>
    /// <param name="key">What it says.</param>
    /// <param name="expires">When it ends; null: never.</param>
    /// <param name="reason">At most <see cref="EntryLimits.ReasonCharsMax"/> characters in one line; it may be empty.</param>
    /// <param name="author">Who.</param>
    /// <param name="origin">How.</param>
    public EntryOutcome Set(EntryKey key, DateTimeOffset? expires, string reason, string author, EntryOrigin origin)
    {
        if (EntryRules.CheckTexts(reason, author) is { } wrong) return new EntryOutcome(EntryError.Invalid, wrong);
        lock (_changing)
        {
            if (Refuse() is { } why) return why;
            if (EntryRules.CheckExpires(expires, _clock.Now) is { } past) return new EntryOutcome(EntryError.Invalid, past);
            if (FindScope(key.Service) is not { } scope) return NoService(key.Service!);
            if (!_entries.ContainsKey(key) && _entries.Count >= EntryLimits.EntriesMax) Purge(_clock.Now);
            StoredEntry? before = _entries.GetValueOrDefault(key);
            DateTimeOffset created = before?.IsLive(_clock.Now) == true ? before.Created : ToMilliseconds(_clock.Now)!.Value;
            if (before is null && _entries.Count >= EntryLimits.EntriesMax) return Full;
            StoredEntry entry = new(key, ToMilliseconds(expires), reason, author, origin, created, _revision + 1);
            switch (_guards.Entries.Set(InForce(entry, scope), NowS))
            {
                case NetworkChange.TableFull: return Full;
                case NetworkChange.NetworkFull: return SameNetwork(key.Network);
            }
            _revision++;
            Note(new EntryChange(_revision, key, entry));
            AskForSweep();
            return new EntryOutcome(EntryError.None, "", entry) { Count = 1 };
        }
    }

    /// <summary>Removes an entry. That of a service which is not configured too.</summary>
    public EntryOutcome Remove(EntryKey key)
    {
        lock (_changing)
        {
            if (Refuse() is { } why) return why;
            if (!_entries.TryGetValue(key, out StoredEntry? entry) || !entry.IsLive(_clock.Now))
                return new EntryOutcome(EntryError.NotFound, $"there is no entry \"{key}\", or it has expired");
            if (FindScope(key.Service) is { } scope) _guards.Entries.Remove(InForce(entry, scope), NowS);
            _revision++;
            Note(new EntryChange(_revision, key, null));
            // What it allowed may be denied now.
            AskForSweep();
            return new EntryOutcome(EntryError.None, "", entry) { Count = 1 };
        }
    }

    /// <summary>Removes all entries that are meant, at one moment. It is on the disk when this returns.</summary>
    public EntryOutcome Flush(EntryFilter filter)
    {
        int removed;
        lock (_changing)
        {
            if (Refuse() is { } why) return why;
            Dictionary<EntryKey, StoredEntry> rest = new(_entries.Where(e => !filter.Holds(e.Key)));
            removed = _entries.Values.Count(e => filter.Holds(e.Key) && e.IsLive(_clock.Now));
            ReplaceAll(rest);
        }
        Write();
        return new EntryOutcome(EntryError.None) { Count = removed };
    }

    /// <summary>Adds a list or nothing of it, at one moment. It is on the disk when this returns.</summary>
    /// <param name="wishes">An entry that is there twice is as the last one says.</param>
    public EntryOutcome Import(IEnumerable<EntryWish> wishes, string author)
    {
        ArgumentNullException.ThrowIfNull(wishes);
        int count;
        lock (_changing)
        {
            if (Refuse() is { } why) return why;
            DateTimeOffset now = _clock.Now;
            Purge(now);
            Dictionary<EntryKey, StoredEntry> added = [];
            long revision = _revision;
            foreach (EntryWish wish in wishes)
            {
                if (FindScope(wish.Key.Service) is null) return NoService(wish.Key.Service!);
                added[wish.Key] = new StoredEntry(wish.Key, ToMilliseconds(wish.Expires), wish.Reason, author, EntryOrigin.File,
                    _entries.GetValueOrDefault(wish.Key)?.Created ?? ToMilliseconds(now)!.Value, ++revision);
            }
            if (_entries.Count + added.Keys.Count(k => !_entries.ContainsKey(k)) > EntryLimits.EntriesMax) return Full;
            NetworkEntry[] inForce = [.. added.Values.Select(e => InForce(e, FindScope(e.Key.Service)!.Value))];
            switch (_guards.Entries.Replace(null, inForce, NowS))
            {
                case NetworkChange.TableFull: return Full;
                case NetworkChange.NetworkFull: return SameNetwork(null);
            }
            _revision = revision;
            foreach (StoredEntry entry in added.Values) Note(new EntryChange(entry.Revision, entry.Key, entry));
            count = added.Count;
            AskForSweep();
        }
        Write();
        return new EntryOutcome(EntryError.None) { Count = count };
    }

    /// <summary>The entries that are meant, by their revisions; one that is changed meanwhile comes again, at the end.</summary>
    /// <param name="after">Only those with a higher revision.</param>
    /// <param name="max">How many at most.</param>
    public EntryPage List(EntryFilter filter, long after, int max)
    {
        ArgumentNullException.ThrowIfNull(filter);
        // The highest first, so that of many the lowest ones stay.
        PriorityQueue<StoredEntry, long> page = new(Comparer<long>.Create(static (left, right) => right.CompareTo(left)));
        int total = 0, following = 0;
        lock (_changing)
        {
            DateTimeOffset now = _clock.Now;
            foreach (StoredEntry entry in _entries.Values)
            {
                if (!filter.Holds(entry.Key) || !entry.IsLive(now)) continue;
                total++;
                if (entry.Revision <= after) continue;
                following++;
                if (page.Count < max) page.Enqueue(entry, entry.Revision);
                else page.EnqueueDequeue(entry, entry.Revision);
            }
            StoredEntry[] entries = [.. page.UnorderedItems.Select(i => i.Element).OrderBy(e => e.Revision)];
            return new EntryPage(ImmutableCollectionsMarshal.AsImmutableArray(entries), total, following > entries.Length, _revision);
        }
    }

    /// <summary>The changes after a revision, the oldest first; null: some are not known any more, and the whole list is to be
    /// read.</summary>
    /// <param name="now">The revision of the last change of all.</param>
    public ImmutableArray<EntryChange>? Since(long revision, int max, out long now)
    {
        lock (_changing)
        {
            now = _revision;
            return _changes.Since(revision, _revision, max);
        }
    }

    /// <summary>What the guards say, with what is known of the entries that were made here: who, why, and until when.</summary>
    /// <param name="service">At which they were asked.</param>
    public GuardView Name(GuardView guards, string service)
    {
        ArgumentNullException.ThrowIfNull(guards);
        return guards with
        {
            Entries = [.. guards.Entries.Select(e => e.Origin is null ? e with { Origin = Describe(Find(e.Entry, service)) } : e)],
        };
    }

    /// <summary>The entry that an entry of the table stands for; null: it was removed meanwhile.</summary>
    public StoredEntry? Find(NetworkEntry entry, string service)
    {
        EntryKey key = new(entry.Network, entry.Action, entry.Service == NetworkEntry.AllServices ? null : service);
        lock (_changing) return _entries.GetValueOrDefault(key);
    }

    private static string? Describe(StoredEntry? entry)
    {
        if (entry is null) return null;
        string reason = entry.Reason.Length == 0 ? "" : $" ({entry.Reason})";
        return $"{entry.Author}{reason}, " + (entry.Expires is { } end ? $"until {end:yyyy-MM-dd HH:mm:ss} UTC" : "for good");
    }

    private static EntryOutcome Full { get; } = new(EntryError.Full,
        $"there are {Counted.Of(EntryLimits.EntriesMax, "entry", "entries")}, as many as may be, and nothing was changed; remove some, "
        + "or put long lists into guards.deny of the configuration");

    private static EntryOutcome SameNetwork(Network? network) => new(EntryError.Full,
        $"{(network is { } one ? $"network {one}" : "a network of the list")} would have more than "
        + $"{Counted.Of(NetworkTable.SameNetworkMax, "entry", "entries")}, and nothing was changed; use one for all services");

    private EntryOutcome NoService(string service) => new(EntryError.NotFound, $"there is no service {Wording.Quote(service)}, expected "
        + $"one of {string.Join(", ", _composer.Services.Select(s => s.Name).Take(10))}");

    /// <summary>Puts a change into the memory and on its way to the disk; it is in force already.</summary>
    private void Note(EntryChange change)
    {
        if (change.Entry is { } entry) _entries[change.Key] = entry;
        else _entries.Remove(change.Key);
        _changes.Add(change);
        Record(change);
    }

    /// <summary>Another list is in force, and on its way to the disk.</summary>
    private void ReplaceAll(Dictionary<EntryKey, StoredEntry> entries)
    {
        _entries = entries;
        _revision++;
        _changes.Forget(_revision);
        _mustCompact = true;
        PutInForce();
        AskForSweep();
    }

    // What is shown and stored is milliseconds.
    private static DateTimeOffset? ToMilliseconds(DateTimeOffset? time) =>
        time is { } t ? new DateTimeOffset(t.UtcTicks - (t.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero) : null;
}
