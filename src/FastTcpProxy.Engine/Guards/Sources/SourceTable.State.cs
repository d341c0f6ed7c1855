namespace FastTcpProxy.Engine.Guards.Sources;

/// <content>What others have against a source, and what is shown.</content>
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
        ulong hash = _hash.Of(key);
        for (int i = 0; i < TriesMax; i++)
        {
            EntryPlace place = key.IsOverflow ? OverflowOf(key.Scope) : _sets.Find(key, hash);
            if (place.Index < 0) break;
            SourceState state = StateOf(place.Index, limits, nowUs);
            if (_sets[place.Index].State.IsOf(place.State.Generation)) return state;
        }
        return new SourceState { TokensLeft = limits.Connections.TokensLeft(0, nowUs * 1_000), RoomAtUs = nowUs };
    }

    /// <summary>How full it is. It looks at all of it, about a millisecond for 200,000 sources: not for a loop.</summary>
    public SourceTableCounts ReadCounts(long nowUs)
    {
        long nowMs = nowUs / 1_000, sessions = 0, admitted = 0, refused = 0;
        int used = 0, pinned = 0, bans = 0, vouched = 0;
        for (int index = 0; index < Capacity; index++)
        {
            if (!_sets.HasSource(index)) continue;
            ref SourceEntry entry = ref _sets[index];
            used++;
            if (entry.State.Sessions > 0 || entry.IsHeldAt(nowMs)) pinned++;
            if (entry.Penalty.IsBannedAt(nowMs)) bans++;
            if (entry.IsVouchedAt(nowMs)) vouched++;
        }
        for (int index = Capacity; index < Capacity + SourceKey.ScopesMax; index++)
        {
            ref SourceEntry entry = ref _sets[index];
            sessions += entry.State.Sessions;
            admitted += Volatile.Read(ref entry.OverflowAdmitted);
            refused += Volatile.Read(ref entry.OverflowRefused);
        }
        return new SourceTableCounts(Capacity, used, pinned, bans, vouched, _sets.Evicted, sessions, admitted, refused);
    }

    private SourceState StateOf(int index, in SourceLimits limits, long nowUs)
    {
        ref SourceEntry entry = ref _sets[index];
        ref SourceBytes bytes = ref _sets.BytesOf(index);
        EntryState state = entry.State;
        Penalty penalty = entry.Penalty;
        long fullAtNs = Volatile.Read(ref entry.FullAtNs), nowNs = nowUs * 1_000, nowMs = nowUs / 1_000;
        long bannedUntilUs = penalty.IsBannedAt(nowMs) ? penalty.AtMs * 1_000 : 0;
        return new SourceState
        {
            IsKnown = true,
            Sessions = state.Sessions,
            TokensLeft = limits.Connections.TokensLeft(fullAtNs, nowNs),
            Refusals = penalty.CountAt(nowMs, limits.Ban),
            BannedUntilUs = bannedUntilUs,
            BanLevel = penalty.Level,
            IsOffender = entry.IsOffenderAt(nowMs),
            RoomAtUs = Math.Max((limits.Connections.RoomAtNs(fullAtNs, nowNs) + 999) / 1_000, bannedUntilUs),
            RestFromClientUs = (limits.FromClient.RestNs(Volatile.Read(ref bytes.FromClientFullAtNs), nowNs) + 999) / 1_000,
            RestToClientUs = (limits.ToClient.RestNs(Volatile.Read(ref bytes.ToClientFullAtNs), nowNs) + 999) / 1_000,
            LastSeenAgoS = Math.Max((int)(nowUs / 1_000_000) - Volatile.Read(ref entry.LastSeenS), 0),
            Rank = RankOf(ref entry, state, nowUs),
        };
    }

    /// <summary>Keeps the source from being evicted until <see cref="SourceEntry.Unpin"/>. The overflow is not for this.</summary>
    private bool TryHold(in SourceKey key, long nowUs, bool adds, out int index)
    {
        ulong hash = _hash.Of(key);
        index = -1;
        for (int i = 0; i < TriesMax && !key.IsOverflow; i++)
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
