namespace FastTcpProxy.Engine.Guards.Sources;

/// <content>What goes over to another process or to the disk, so that no source gains a burst by an upgrade.</content>
public sealed partial class SourceTable
{
    /// <summary>
    /// Reads the sources of which something must be kept: a session, a penalty, a bucket that is not full, its rank. Steps may continue
    /// meanwhile: each record is of one source, and a source that is added or evicted meanwhile may be missing.
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
        SourceRecord now = Age(record, elapsedUs);
        if (!(now with { Sessions = 0 }).IsWorthKeeping) return true;
        if (now.Key.IsOverflow)
        {
            Drain(OverflowOf(now.Key.Scope).Index, now, nowUs);
            return true;
        }
        if (!TryHold(now.Key, nowUs, adds: true, out int index)) return false;
        ref SourceEntry entry = ref _sets[index];
        Drain(index, now, nowUs);
        long nowMs = nowUs / 1_000;
        if (now.PenaltyEndInMs > 0)
        {
            entry.Tighten(Penalty.Of(now.IsBan, now.Level, now.Refusals, Math.Max(nowMs + now.PenaltyInMs, 0)),
                nowMs + now.PenaltyEndInMs, nowMs);
        }
        entry.Unpin(now.WasServed);
        if (now.VouchedInS > 0) Vouch(now.Key, nowUs + now.VouchedInS * 1_000_000L, nowUs);
        return true;
    }

    private static SourceRecord Age(in SourceRecord record, long elapsedUs)
    {
        long elapsedMs = elapsedUs / 1_000;
        return record with
        {
            FullInUs = Math.Max(record.FullInUs - elapsedUs, 0),
            FromClientFullInUs = Math.Max(record.FromClientFullInUs - elapsedUs, 0),
            ToClientFullInUs = Math.Max(record.ToClientFullInUs - elapsedUs, 0),
            PenaltyInMs = record.PenaltyInMs - elapsedMs,
            PenaltyEndInMs = Math.Max(record.PenaltyEndInMs - elapsedMs, 0),
            VouchedInS = (int)Math.Max(record.VouchedInS - elapsedUs / 1_000_000, 0),
        };
    }

    private void Drain(int index, in SourceRecord now, long nowUs)
    {
        ref SourceBytes bytes = ref _sets.BytesOf(index);
        DrainTo(ref _sets[index].FullAtNs, now.FullInUs);
        DrainTo(ref bytes.FromClientFullAtNs, now.FromClientFullInUs);
        DrainTo(ref bytes.ToClientFullAtNs, now.ToClientFullInUs);

        void DrainTo(ref long fullAtNs, long inUs)
        {
            if (inUs > 0) SourceEntry.RaiseTo(ref fullAtNs, (nowUs + inUs) * 1_000);
        }
    }

    private bool TryRead(int index, long nowUs, out SourceRecord record)
    {
        ref SourceEntry entry = ref _sets[index];
        ref SourceBytes bytes = ref _sets.BytesOf(index);
        EntryState state = entry.State;
        record = default;
        if (!state.IsLive) return false;
        long nowMs = nowUs / 1_000, nowS = nowUs / 1_000_000;
        bool isOffender = entry.IsOffenderAt(nowMs);
        Penalty penalty = isOffender ? entry.Penalty : default;
        record = new SourceRecord
        {
            Key = index < Capacity ? entry.Key : SourceKey.OverflowOf(index - Capacity),
            Sessions = state.Sessions,
            FullInUs = InUs(Volatile.Read(ref entry.FullAtNs)),
            FromClientFullInUs = InUs(Volatile.Read(ref bytes.FromClientFullAtNs)),
            ToClientFullInUs = InUs(Volatile.Read(ref bytes.ToClientFullAtNs)),
            Refusals = penalty.Count,
            IsBan = penalty.IsBan,
            Level = penalty.Level,
            PenaltyInMs = isOffender ? penalty.AtMs - nowMs : 0,
            PenaltyEndInMs = isOffender ? Math.Max(Volatile.Read(ref entry.PenaltyEndMs) - nowMs, 0) : 0,
            LastSeenAgoS = (int)Math.Max(nowS - Volatile.Read(ref entry.LastSeenS), 0),
            VouchedInS = (int)Math.Max(entry.VouchedUntilS - nowS, 0),
            WasServed = state.WasServed,
        };
        // Its words may be of different moments, but all of them are its own.
        return record.IsWorthKeeping && entry.State.IsOf(state.Generation);

        long InUs(long fullAtNs) => Math.Max((fullAtNs - nowUs * 1_000 + 999) / 1_000, 0);
    }
}
