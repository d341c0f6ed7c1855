namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// How the server at an address is regarded: one word for each kind of evidence, changed by compare-and-swap. Any thread. It outlives the
/// definitions of an upstream, as long as they have the address.
/// </summary>
public sealed class AddressStanding
{
    private long _silence;
    private long _resets;

    /// <summary>The clock that standings go by, in milliseconds: monotonic, and the same for all loops.</summary>
    public static long NowMs(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return (long)(time.GetTimestamp() * (1_000.0 / time.TimestampFrequency));
    }

    /// <summary>By the answers to connects, and by what operators and checks say.</summary>
    public Standing Silence => new(Volatile.Read(ref _silence));

    /// <summary>By sessions that it ended at once.</summary>
    public Standing Resets => new(Volatile.Read(ref _resets));

    /// <summary>Whether it is tried last for such sessions. A hold that is over holds nothing, though no client has come since.</summary>
    /// <param name="nowMs">The monotonic clock, in milliseconds.</param>
    public bool IsEjected(long nowMs) => Resets is { State: StandingState.Held } held && nowMs < held.AtMs;

    /// <summary>Whether nothing is held against it. One look, for the path of a session.</summary>
    internal bool IsClear => (Volatile.Read(ref _silence) | Volatile.Read(ref _resets)) == 0;

    /// <summary>It begins to return: an operator has put it back. Nothing is held against it any more.</summary>
    /// <param name="nowMs">The monotonic clock, in milliseconds.</param>
    public void Return(long nowMs)
    {
        Volatile.Write(ref _silence, Standing.Return(nowMs).Word);
        Volatile.Write(ref _resets, 0);
    }

    /// <summary>It begins to return: a check has found it up again. What it has failed makes the next hold longer, while it is watched.
    /// </summary>
    internal void FoundUp(long nowMs, HoldTerms silence, HoldTerms resets, long rampMs)
    {
        Change(ref _silence, (nowMs, silence, rampMs), static (s, a) => s.OnFoundUp(a.nowMs, a.silence, a.rampMs));
        if (Volatile.Read(ref _resets) != 0)
        {
            Change(ref _resets, (nowMs, resets, rampMs),
                static (s, a) => s.State == StandingState.Trusted ? default : s.OnFoundUp(a.nowMs, a.resets, a.rampMs));
        }
    }

    /// <summary>A check finds it up while it is suspect: the next client tries it.</summary>
    /// <param name="nowMs">The monotonic clock, in milliseconds.</param>
    public void ProbeSoon(long nowMs) => Change(ref _silence, (nowMs, 0), static (s, a) => s.ProbeSoon(a.nowMs));

    /// <summary>A client got no answer in time.</summary>
    /// <param name="nowMs">The monotonic clock, in milliseconds.</param>
    /// <param name="terms">After how many it is held, and for how long.</param>
    /// <param name="rampMs">How long it is watched once it is back.</param>
    /// <param name="probe">The probe that the client was, by <see cref="TryProbe"/>; 0: none.</param>
    /// <returns>Whether it is held from now on.</returns>
    internal bool Silent(long nowMs, in HoldTerms terms, long rampMs, long probe = 0) =>
        Change(ref _silence, (nowMs, terms, rampMs, probe),
            static (s, a) => a.probe != 0 ? s.OnProbeBad(a.nowMs, a.terms, a.probe) : s.OnBad(a.nowMs, a.terms, a.rampMs)).State
        == StandingState.Held;

    /// <summary>An answer in time: it accepted.</summary>
    internal void Accepted(long nowMs)
    {
        if (Volatile.Read(ref _silence) != 0) Change(ref _silence, (nowMs, 0), static (s, a) => s.OnGood(a.nowMs));
    }

    /// <summary>An answer that says that it is not silent: a refusal, or one that came late.</summary>
    /// <returns>Whether it was held for its silence.</returns>
    internal bool Answered(long nowMs)
    {
        if (Volatile.Read(ref _silence) == 0) return false;
        bool wasLast = Silence.IsLast;
        Change(ref _silence, (nowMs, 0), static (s, a) => s.OnAnswered(a.nowMs));
        return wasLast;
    }

    /// <summary>Whether the caller is the one client that tries it now.</summary>
    /// <param name="nowMs">The monotonic clock, in milliseconds.</param>
    /// <param name="giveUpMs">When another one may, if nothing is heard of this one. The probe is known by it.</param>
    internal bool TryProbe(long nowMs, long giveUpMs)
    {
        long seen = Volatile.Read(ref _silence);
        Standing standing = new(seen);
        return standing.IsProbeDue(nowMs)
            && Interlocked.CompareExchange(ref _silence, standing.OnProbe(giveUpMs).Word, seen) == seen;
    }

    /// <summary>The client that tried it has left.</summary>
    internal void ProbeLost(long nowMs, long probe) =>
        Change(ref _silence, (nowMs, probe), static (s, a) => s.OnProbeLost(a.nowMs, a.probe));

    /// <summary>It ended a session at once.</summary>
    /// <returns>The hold, if it is held from now on; else trusted.</returns>
    internal Standing Reset(long nowMs, in HoldTerms terms, long rampMs)
    {
        Standing after = Change(ref _resets, (nowMs, terms, rampMs), static (s, a) => s.OnBad(a.nowMs, a.terms, a.rampMs));
        return after.State == StandingState.Held ? after : default;
    }

    /// <summary>Takes a hold back, unless something has changed it since.</summary>
    internal void Pardon(Standing held) => Interlocked.CompareExchange(ref _resets, 0, held.Word);

    /// <summary>A byte of it has come.</summary>
    internal void Served(long nowMs)
    {
        if (Volatile.Read(ref _resets) is not 0 and var word && new Standing(word).Count > 0)
            Change(ref _resets, (nowMs, 0), static (s, a) => s.IsLast ? s : s.OnGood(a.nowMs));
    }

    /// <summary>A client has come to its turn: if its hold for such sessions is over, it returns.</summary>
    internal void ReleaseResets(long nowMs)
    {
        if (Volatile.Read(ref _resets) != 0) Change(ref _resets, (nowMs, 0), static (s, a) => s.OnHoldOver(a.nowMs));
    }

    /// <returns>What it has become, if this has changed its state; else trusted.</returns>
    private static Standing Change<TArgument>(ref long word, TArgument argument, Func<Standing, TArgument, Standing> rule)
    {
        while (true)
        {
            long seen = Volatile.Read(ref word);
            Standing before = new(seen), after = rule(before, argument);
            if (after.Word == seen) return default;
            if (Interlocked.CompareExchange(ref word, after.Word, seen) != seen) continue;
            return after.State == before.State && after.Level == before.Level ? default : after;
        }
    }
}
