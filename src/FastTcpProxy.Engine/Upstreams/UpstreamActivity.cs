using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// The activity of one upstream of a service: its sessions, and how the last connects to it ended. Each loop writes what is its own, any
/// thread reads. It outlives the definitions that refer to it, so that counts continue when a definition is replaced.
/// </summary>
public sealed class UpstreamActivity
{
    /// <summary>How many connects are remembered.</summary>
    public const int AttemptsMax = 4;

    /// <summary>The longest time of a connect that can be said, in milliseconds: 8.7 minutes.</summary>
    public const int TookMsMax = (1 << TookBits) - 1;

    // A slot from its highest bit: milliseconds since 2020 (41 bits, until 2089), how long it took, the outcome and one.
    private const int TookBits = 19, OutcomeBits = 4;
    private const long EpochMs = 1_577_836_800_000;

    private readonly PerLoop<Notes> _notes = new();

    /// <summary>Sessions that are proxied to the upstream now.</summary>
    public SessionCount Sessions { get; } = new();

    /// <summary>
    /// Sessions that have ended, by whether the upstream answered: answered ones had at least one byte from it; unanswered ones were ended
    /// by it, soon and without any. Others are in neither number.
    /// </summary>
    public (long Answered, long Unanswered) Answers()
    {
        (long answered, long unanswered) = (0, 0);
        foreach (Notes? notes in _notes.All)
        {
            if (notes is null) continue;
            answered += Volatile.Read(ref notes.Answered);
            unanswered += Volatile.Read(ref notes.Unanswered);
        }
        return (answered, unanswered);
    }

    /// <summary>The last connects, the latest first; at most <see cref="AttemptsMax"/>.</summary>
    public ImmutableArray<AttemptView> LastAttempts()
    {
        List<long> packed = [];
        foreach (Notes? notes in _notes.All)
        {
            for (int i = 0; notes is not null && i < AttemptsMax; i++)
            {
                long slot = Volatile.Read(ref notes.Slots[i]);
                if (slot != 0) packed.Add(slot);
            }
        }
        // The time is in the highest bits.
        return [.. packed.OrderDescending().Take(AttemptsMax).Select(Unpack)];
    }

    /// <summary>Notes the end of a connect. Inside the loop.</summary>
    /// <param name="loop">The loop's number.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="utcMs">When, in milliseconds since 1970.</param>
    /// <param name="tookMs">How long it took.</param>
    internal void Note(int loop, AttemptOutcome outcome, long utcMs, long tookMs)
    {
        long packed = (Math.Max(utcMs - EpochMs, 0) << (TookBits + OutcomeBits)) | (Math.Min(tookMs, TookMsMax) << OutcomeBits)
            | ((long)outcome + 1);
        Notes notes = _notes[loop];
        Volatile.Write(ref notes.Slots[(int)(notes.Next++ % AttemptsMax)], packed);
    }

    /// <summary>Notes the end of a session that was proxied to it. Inside the loop.</summary>
    internal void NoteAnswer(int loop, bool wasAnswered)
    {
        Notes notes = _notes[loop];
        if (wasAnswered) Volatile.Write(ref notes.Answered, notes.Answered + 1);
        else Volatile.Write(ref notes.Unanswered, notes.Unanswered + 1);
    }

    private static AttemptView Unpack(long slot) => new(
        (AttemptOutcome)((slot & ((1 << OutcomeBits) - 1)) - 1),
        DateTimeOffset.FromUnixTimeMilliseconds((slot >>> (TookBits + OutcomeBits)) + EpochMs),
        (int)(slot >> OutcomeBits) & TookMsMax);

    /// <summary>A loop's.</summary>
    private sealed class Notes
    {
        public SlotArray Slots;
        public uint Next;
        public long Answered;
        public long Unanswered;
    }

    [InlineArray(AttemptsMax)]
    private struct SlotArray
    {
        private long _first;
    }
}
