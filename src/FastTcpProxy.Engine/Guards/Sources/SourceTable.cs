namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>
/// What limits by source count by, for the whole process: sessions, tokens, refusals and bans of each source and scope. Counts are exact
/// over all threads. The memory is bounded: a source that has sessions or a penalty stays, others make room for new ones, and those for
/// which there is no room are limited together, as one source of their scope that is never banned.
/// Any thread. Steps of a session allocate nothing, and take no lock unless their source is new (<see cref="SourceSets"/>). Times are
/// microseconds of one monotonic clock that all threads share.
/// </summary>
public sealed partial class SourceTable
{
    public const int CapacityMin = 1_024, CapacityMax = 4_000_000, CapacityDefault = 200_000;

    /// <summary>A source that was evicted so often while it was looked at has no room. Once is seldom.</summary>
    private const int TriesMax = 8;

    private readonly SourceSets _sets;
    private readonly SourceHash _hash;

    /// <param name="capacity">Sources; rounded up to a multiple of 32.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is below <see cref="CapacityMin"/> or above
    /// <see cref="CapacityMax"/>.</exception>
    public SourceTable(int capacity = CapacityDefault)
        : this(capacity, SourceHash.Create())
    {
    }

    internal SourceTable(int capacity, SourceHash hash)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, CapacityMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, CapacityMax);
        _sets = new SourceSets(capacity, SourceKey.ScopesMax);
        _hash = hash;
    }

    /// <summary>Sources that it has room for.</summary>
    public int Capacity => _sets.Capacity;

    /// <summary>
    /// A client has connected. Admitted: a session and a token are taken, and the handle gives the session back. Otherwise the refusal is
    /// held against the source, except by a ban, which costs no more than the look-up. An offender's session counts for the network around
    /// it as well, under the same limits.
    /// </summary>
    public SourceAnswer Admit(in SourceKey key, in SourceLimits limits, long nowUs)
    {
        SourceAnswer answer = AdmitAt(key, limits, nowUs, out bool isOffender);
        return isOffender && answer.IsAdmitted && key.TryGetParent(out SourceKey parent)
            ? AdmitAround(key, answer, parent, limits, nowUs)
            : answer;
    }

    /// <summary>
    /// A session is counted that another process has admitted, or that no limit applies to. Its handle gives it back.
    /// </summary>
    public SourceHandle Adopt(in SourceKey key, long nowUs)
    {
        ulong hash = _hash.Of(key);
        for (int i = 0; i < TriesMax && !key.IsOverflow; i++)
        {
            EntryPlace place = _sets.Find(key, hash);
            if (place.Index < 0) place = _sets.FindOrAdd(key, hash, nowUs / 1_000);
            if (place.Index < 0) break;
            EntryState seen = place.State;
            while (seen.IsOf(place.State.Generation) && seen.Sessions < EntryState.SessionsMax)
            {
                if (_sets[place.Index].TrySet(ref seen, seen.Enter())) return new SourceHandle(place.Index, seen.Generation);
            }
        }
        EntryPlace overflow = OverflowOf(key.Scope);
        EntryState state = overflow.State;
        while (!_sets[overflow.Index].TrySet(ref state, state.Enter())) { }
        return new SourceHandle(overflow.Index, state.Generation);
    }

    /// <summary>A session has ended.</summary>
    /// <param name="wasServed">It was proxied to an upstream, so its source is no stranger from now on.</param>
    /// <returns>False: the handle was given back before.</returns>
    public bool Release(in SourceHandle handle, long nowUs, bool wasServed = false)
    {
        if (handle.IsNowhere) return true;
        Volatile.Write(ref _sets[handle.Own].LastSeenS, (int)(nowUs / 1_000_000));
        return Leave(handle, wasServed);
    }

    /// <summary>Bytes of a session have come from its client, or for it. They count for the networks that the session counts for.</summary>
    /// <param name="bytes">0: as things stand, after a rest.</param>
    /// <returns>How long the session rests before it reads on from there, in microseconds; 0: not at all.</returns>
    public long TakeBytes(in SourceHandle handle, bool isFromClient, long bytes, in SourceLimits limits, long nowUs)
    {
        ByteRate rate = isFromClient ? limits.FromClient : limits.ToClient;
        if (!rate.IsLimited || handle.IsNowhere) return 0;
        long restNs = Take(handle.Own);
        if (handle.Site >= 0) restNs = Math.Max(restNs, Take(handle.Site));
        if (handle.LargeSite >= 0) restNs = Math.Max(restNs, Take(handle.LargeSite));
        return (restNs + 999) / 1_000;

        long Take(int index)
        {
            ref SourceBytes buckets = ref _sets.BytesOf(index);
            ref long fullAtNs = ref isFromClient ? ref buckets.FromClientFullAtNs : ref buckets.ToClientFullAtNs;
            return rate.Take(ref fullAtNs, bytes, nowUs * 1_000);
        }
    }

    /// <summary>A session that was admitted is not begun after all: something else has refused it. Its token is given back.</summary>
    /// <returns>False: the handle was given back before.</returns>
    public bool Cancel(in SourceHandle handle, in SourceLimits limits)
    {
        if (handle.IsNowhere) return true;
        GiveTokenBack(handle.Own, limits);
        if (handle.Site >= 0) GiveTokenBack(handle.Site, limits);
        if (handle.LargeSite >= 0) GiveTokenBack(handle.LargeSite, limits);
        return Leave(handle, wasServed: false);
    }

    private bool Leave(in SourceHandle handle, bool wasServed)
    {
        // That one of those without room was served says nothing of the others.
        bool isLeft = _sets[handle.Own].TryLeave(handle.Generation, wasServed && handle.Own < Capacity);
        if (!isLeft) return false;
        if (handle.Site >= 0) LeaveNetwork(handle.Site);
        if (handle.LargeSite >= 0) LeaveNetwork(handle.LargeSite);
        return true;
    }

    private void LeaveNetwork(int index) => _sets[index].TryLeave(_sets[index].State.Generation, wasServed: false);

    private void GiveTokenBack(int index, in SourceLimits limits) => limits.Connections.GiveBack(ref _sets[index].FullAtNs);

    /// <summary>The network around an offender, and the one around that if the network is an offender too.</summary>
    private SourceAnswer AdmitAround(
        in SourceKey key, in SourceAnswer own, in SourceKey parent, in SourceLimits limits, long nowUs)
    {
        SourceHandle handle = own.Handle;
        SourceKey network = parent;
        bool isOffender;
        do
        {
            SourceAnswer around = AdmitAt(network, limits, nowUs, out isOffender);
            if (!around.IsAdmitted)
            {
                Cancel(handle, limits);
                // Without this it would soon be no offender any more, and the network's limit no limit of its.
                Refuse(key, limits.Ban, nowUs);
                return around;
            }
            handle = handle.With(around.Handle.Own);
        }
        while (isOffender && network.TryGetParent(out network));
        return own with { Handle = handle };
    }

    private SourceAnswer AdmitAt(in SourceKey key, in SourceLimits limits, long nowUs, out bool isOffender)
    {
        ulong hash = _hash.Of(key);
        SourceAnswer answer;
        for (int i = 0; i < TriesMax; i++)
        {
            EntryPlace place = _sets.Find(key, hash);
            if (place.Index < 0) place = _sets.FindOrAdd(key, hash, nowUs / 1_000);
            if (place.Index < 0) break;
            if (TryEnter(place, limits, nowUs, out answer, out isOffender))
                return answer with { PrefixLength = (byte)key.PrefixLength };
        }
        // It is never evicted, so a try can only find that others were faster.
        while (!TryEnter(OverflowOf(key.Scope), limits, nowUs, out answer, out isOffender)) { }
        ref SourceEntry overflow = ref _sets[Capacity + key.Scope];
        Interlocked.Increment(ref answer.IsAdmitted ? ref overflow.OverflowAdmitted : ref overflow.OverflowRefused);
        return answer with { IsOverflow = true };
    }

    /// <summary>False: the entry is another source's by now.</summary>
    private bool TryEnter(
        in EntryPlace place, in SourceLimits limits, long nowUs, out SourceAnswer answer, out bool isOffender)
    {
        ref SourceEntry entry = ref _sets[place.Index];
        EntryState seen = place.State;
        int generation = seen.Generation;
        int sessionsMax = limits.SessionsMax > 0 ? limits.SessionsMax : EntryState.SessionsMax;
        while (true)
        {
            SourceVerdict verdict = SourceVerdict.Rate;
            isOffender = entry.IsOffenderAt(nowUs / 1_000);
            if (isOffender && entry.Penalty.IsBannedAt(nowUs / 1_000))
            {
                verdict = SourceVerdict.Banned;
            }
            else if (seen.Sessions >= sessionsMax)
            {
                verdict = SourceVerdict.Sessions;
            }
            else if (limits.Connections.HasRoom(Volatile.Read(ref entry.FullAtNs), nowUs * 1_000))
            {
                if (!entry.TrySet(ref seen, seen.Enter()))
                {
                    if (seen.IsOf(generation)) continue;
                    answer = default;
                    return false;
                }
                if (limits.Connections.TryTake(ref entry.FullAtNs, nowUs * 1_000))
                {
                    Touch(ref entry, place.IsNew, nowUs);
                    answer = new SourceAnswer(SourceVerdict.Admitted, new SourceHandle(place.Index, generation), 0, 0, false,
                        RankOf(ref entry, seen, nowUs));
                    return true;
                }
                entry.TryLeave(generation, wasServed: false);
            }
            return TryRefuse(place.Index, generation, verdict, limits, nowUs, out answer);
        }
    }

    /// <summary>A source that comes for the first time is worth no more than any other: a flood of them must not age the rest.</summary>
    private static void Touch(ref SourceEntry entry, bool isNew, long nowUs)
    {
        Volatile.Write(ref entry.LastSeenS, (int)(nowUs / 1_000_000));
        if (!isNew) Volatile.Write(ref entry.WasTouched, true);
    }

    private static SourceRank RankOf(ref SourceEntry entry, EntryState state, long nowUs) =>
        entry.IsVouchedAt(nowUs / 1_000) ? SourceRank.Vouched : state.WasServed ? SourceRank.Served : SourceRank.Stranger;

    /// <summary>False: the entry is another source's by now.</summary>
    private bool TryRefuse(
        int index, int generation, SourceVerdict verdict, in SourceLimits limits, long nowUs, out SourceAnswer answer)
    {
        ref SourceEntry entry = ref _sets[index];
        long roomAtUs = verdict switch
        {
            SourceVerdict.Banned => entry.Penalty.AtMs * 1_000,
            SourceVerdict.Rate => (limits.Connections.RoomAtNs(Volatile.Read(ref entry.FullAtNs), nowUs * 1_000) + 999) / 1_000,
            _ => 0,
        };
        answer = new SourceAnswer(verdict, default, roomAtUs, 0, false);
        if (verdict == SourceVerdict.Banned || index >= Capacity) return entry.State.IsOf(generation);
        if (!entry.TryPin(generation)) return false;
        Touch(ref entry, isNew: false, nowUs);
        entry.Penalize(static (penalty, nowMs, terms) => penalty.OnRefused(nowMs, terms), nowUs / 1_000, limits.Ban);
        entry.Unpin();
        return true;
    }

    private EntryPlace OverflowOf(int scope)
    {
        ref SourceEntry entry = ref _sets[Capacity + scope];
        EntryState seen = entry.State;
        while (!seen.IsLive) entry.TrySet(ref seen, seen.Publish());
        return new EntryPlace(Capacity + scope, seen);
    }
}
