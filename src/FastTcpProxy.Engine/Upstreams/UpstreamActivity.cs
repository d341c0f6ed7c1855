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

    private readonly PerLoop<Cell> _cells = new();

    /// <summary>Sessions that are proxied to the upstream now.</summary>
    public int Sessions
    {
        get
        {
            int sum = 0;
            foreach (PerLoop<Cell>.Own? own in _cells.All)
            {
                if (own is not null) sum += Volatile.Read(ref own.Value.Sessions);
            }
            return sum;
        }
    }

    /// <summary>
    /// Sessions that have ended, by whether the upstream answered: answered ones had at least one byte from it; unanswered ones were ended
    /// by it, soon and without any. Others are in neither number.
    /// </summary>
    public (long Answered, long Unanswered) Answers()
    {
        (long answered, long unanswered) = (0, 0);
        foreach (PerLoop<Cell>.Own? own in _cells.All)
        {
            if (own is null) continue;
            answered += Volatile.Read(ref own.Value.Answered);
            unanswered += Volatile.Read(ref own.Value.Unanswered);
        }
        return (answered, unanswered);
    }

    /// <summary>The last connects, the latest first; at most <see cref="AttemptsMax"/>.</summary>
    public ImmutableArray<AttemptView> LastAttempts()
    {
        List<long> packed = [];
        foreach (PerLoop<Cell>.Own? own in _cells.All)
        {
            for (int i = 0; own is not null && i < AttemptsMax; i++)
            {
                long slot = Volatile.Read(ref own.Value.Slots[i]);
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
        ref Cell cell = ref _cells[loop];
        Volatile.Write(ref cell.Slots[(int)(cell.Next++ % AttemptsMax)], packed);
    }

    /// <summary>One more session is proxied to it. An upstream has no limit. Inside the loop.</summary>
    internal void Enter(int loop)
    {
        ref Cell cell = ref _cells[loop];
        Volatile.Write(ref cell.Sessions, cell.Sessions + 1);
    }

    /// <summary>One less. Inside the loop that it has entered by.</summary>
    internal void Leave(int loop)
    {
        ref Cell cell = ref _cells[loop];
        Volatile.Write(ref cell.Sessions, cell.Sessions - 1);
    }

    /// <summary>Notes the end of a session that was proxied to it. Inside the loop.</summary>
    internal void NoteAnswer(int loop, bool wasAnswered)
    {
        ref Cell cell = ref _cells[loop];
        if (wasAnswered) Volatile.Write(ref cell.Answered, cell.Answered + 1);
        else Volatile.Write(ref cell.Unanswered, cell.Unanswered + 1);
    }

    private static AttemptView Unpack(long slot) => new(
        (AttemptOutcome)((slot & ((1 << OutcomeBits) - 1)) - 1),
        DateTimeOffset.FromUnixTimeMilliseconds((slot >>> (TookBits + OutcomeBits)) + EpochMs),
        (int)(slot >> OutcomeBits) & TookMsMax);

    /// <summary>A loop's.</summary>
    private struct Cell
    {
        public SlotArray Slots;
        public uint Next;
        public int Sessions;
        public long Answered;
        public long Unanswered;
    }

    [InlineArray(AttemptsMax)]
    private struct SlotArray
    {
        private long _first;
    }
}
