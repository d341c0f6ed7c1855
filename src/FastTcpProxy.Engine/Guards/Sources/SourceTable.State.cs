namespace FastTcpProxy.Engine.Guards.Sources;

/// <content>What others have against a source, what is shown, and what goes over to another process or to the disk.</content>
public sealed partial class SourceTable
{
    /// <summary>Something else has refused the source. It counts like a refusal by a limit.</summary>
    /// <returns>Whether it is banned now. A source for which there is no room is not.</returns>
    public bool Refuse(in SourceKey key, in BanTerms terms, long nowUs)
    {
        if (!TryHold(key, nowUs, adds: true, out int index)) return false;
        ref SourceEntry entry = ref _sets[index];
        long nowMs = nowUs / 1_000;
        bool isBanned = entry.Penalize(static (penalty, now, terms) => penalty.OnRefused(now, terms), nowMs, terms).IsBannedAt(nowMs);
        entry.Unpin();
        return isBanned;
    }

    /// <summary>The source is refused from now on. A longer ban stays.</summary>
    /// <returns>False: there is no room for it, and nothing has changed.</returns>
    public bool Ban(in SourceKey key, long untilUs, in BanTerms terms, long nowUs)
    {
        if (!TryHold(key, nowUs, adds: true, out int index)) return false;
        _sets[index].Penalize(static (penalty, until, _) => penalty.OnBanned(until), untilUs / 1_000, terms);
        _sets[index].Unpin();
        return true;
    }

    /// <summary>Nothing is held against the source any more: no ban, no level, no refusals.</summary>
    /// <returns>Whether it had an entry.</returns>
    public bool Pardon(in SourceKey key, long nowUs)
    {
        if (!TryHold(key, nowUs, adds: false, out int index)) return false;
        _sets[index].Pardon();
        _sets[index].Unpin();
        return true;
    }

    /// <summary>What the limits would say of the source. It changes nothing.</summary>
    public SourceState Peek(in SourceKey key, in SourceLimits limits, long nowUs)
    {
        SourceState stranger = new(false, 0, limits.Connections.TokensLeft(0, nowUs * 1_000), 0, 0, 0, false, nowUs, 0, false);
        ulong hash = _hash.Of(key);
        for (int i = 0; i < TriesMax; i++)
        {
            EntryPlace place = key.IsOverflow ? OverflowOf(key.Scope) : _sets.Find(key, hash);
            if (place.Index < 0) return stranger;
            ref SourceEntry entry = ref _sets[place.Index];
            Penalty penalty = entry.Penalty;
            bool isOffender = entry.IsOffenderAt(nowUs / 1_000);
            long fullAtNs = Volatile.Read(ref entry.FullAtNs), nowNs = nowUs * 1_000;
            int lastSeenS = Volatile.Read(ref entry.LastSeenS);
            EntryState state = entry.State;
            if (!state.IsOf(place.State.Generation)) continue;
            long bannedUntilUs = penalty.IsBannedAt(nowUs / 1_000) ? penalty.AtMs * 1_000 : 0;
            return new SourceState(true, state.Sessions, limits.Connections.TokensLeft(fullAtNs, nowNs),
                penalty.CountAt(nowUs / 1_000, limits.Ban), bannedUntilUs, penalty.Level, isOffender,
                Math.Max((limits.Connections.RoomAtNs(fullAtNs, nowNs) + 999) / 1_000, bannedUntilUs),
                Math.Max((int)(nowUs / 1_000_000) - lastSeenS, 0), state.WasServed);
        }
        return stranger;
    }

    /// <summary>How full it is. It looks at all of it: some 100 us.</summary>
    public SourceTableCounts ReadCounts()
    {
        long sessions = 0, admitted = 0, refused = 0;
        for (int scope = 0; scope < SourceKey.ScopesMax; scope++)
        {
            ref SourceEntry entry = ref _sets[Capacity + scope];
            sessions += entry.State.Sessions;
            admitted += Volatile.Read(ref entry.OverflowAdmitted);
            refused += Volatile.Read(ref entry.OverflowRefused);
        }
        return new SourceTableCounts(Capacity, _sets.Used, _sets.Evicted, sessions, admitted, refused);
    }

    /// <summary>
    /// Reads the sources of which something must be kept: a session, a penalty, a bucket that is not full. Steps may go on meanwhile: each
    /// record is of one source, and a source that is added or evicted meanwhile may be missing.
    /// </summary>
    /// <param name="position">Where to read on; 0 at first.</param>
    /// <returns>How many were read; 0: there are no more.</returns>
    public int Read(ref int position, Span<SourceRecord> records, long nowUs)
    {
        int count = 0;
        for (; position < Capacity + SourceKey.ScopesMax && count < records.Length; position++)
        {
            if (TryRead(position, nowUs, out SourceRecord record)) records[count++] = record;
        }
        return count;
    }

    /// <summary>
    /// What was read of a source holds again. What is already known of it stays, if it is stricter. Sessions are not counted.
    /// </summary>
    /// <param name="elapsedUs">The time since it was read: by the monotonic clock of the machine, or by the wall clock after a restart; not
    /// below 0.</param>
    /// <returns>False: there is no room for it.</returns>
    public bool Restore(in SourceRecord record, long elapsedUs, long nowUs)
    {
        long elapsedMs = elapsedUs / 1_000, nowMs = nowUs / 1_000;
        long fullInUs = record.FullInUs - elapsedUs;
        bool isOffender = record.PenaltyEndInMs > elapsedMs;
        if (fullInUs <= 0 && !isOffender) return true;
        if (record.Key.IsOverflow)
        {
            _sets[OverflowOf(record.Key.Scope).Index].DrainTo((nowUs + fullInUs) * 1_000);
            return true;
        }
        if (!TryHold(record.Key, nowUs, adds: true, out int index)) return false;
        ref SourceEntry entry = ref _sets[index];
        if (fullInUs > 0) entry.DrainTo((nowUs + fullInUs) * 1_000);
        if (isOffender)
        {
            long atMs = Math.Max(nowMs + record.PenaltyInMs - elapsedMs, 0);
            entry.Tighten(Penalty.Of(record.IsBan, record.Level, record.Refusals, atMs), nowMs + record.PenaltyEndInMs - elapsedMs, nowMs);
        }
        entry.Unpin();
        return true;
    }

    private bool TryRead(int index, long nowUs, out SourceRecord record)
    {
        ref SourceEntry entry = ref _sets[index];
        EntryState before = entry.State;
        record = default;
        if (!before.IsLive) return false;
        long nowMs = nowUs / 1_000, nowS = nowUs / 1_000_000;
        SourceKey key = index < Capacity ? entry.Key : SourceKey.OverflowOf(index - Capacity);
        long fullInUs = Math.Max((Volatile.Read(ref entry.FullAtNs) - nowUs * 1_000 + 999) / 1_000, 0);
        Penalty penalty = entry.Penalty;
        bool isOffender = entry.IsOffenderAt(nowMs);
        long endInMs = isOffender ? Volatile.Read(ref entry.PenaltyEndMs) - nowMs : 0;
        int lastSeenAgoS = (int)Math.Max(nowS - Volatile.Read(ref entry.LastSeenS), 0);
        EntryState state = entry.State;
        // Its words may be of different moments, but all of them are its own.
        if (!state.IsOf(before.Generation) || (state.Sessions == 0 && fullInUs == 0 && !isOffender)) return false;
        record = isOffender
            ? new SourceRecord(key, state.Sessions, fullInUs, penalty.Count, penalty.IsBan, penalty.Level, penalty.AtMs - nowMs, endInMs,
                lastSeenAgoS, state.WasServed)
            : new SourceRecord(key, state.Sessions, fullInUs, 0, false, 0, 0, 0, lastSeenAgoS, state.WasServed);
        return true;
    }

    /// <summary>Keeps the source from being evicted until <see cref="SourceEntry.Unpin"/>. The overflow is not for this.</summary>
    private bool TryHold(in SourceKey key, long nowUs, bool adds, out int index)
    {
        ulong hash = _hash.Of(key);
        index = -1;
        for (int i = 0; i < TriesMax; i++)
        {
            EntryPlace place = _sets.Find(key, hash);
            if (place.Index < 0 && adds) place = _sets.FindOrAdd(key, hash, nowUs / 1_000);
            if (place.Index < 0) return false;
            index = place.Index;
            if (_sets[index].TryPin(place.State.Generation)) return true;
        }
        return false;
    }
}
