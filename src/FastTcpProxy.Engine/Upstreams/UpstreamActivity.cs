using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using FastTcpProxy.Engine.Guards;
using FastTcpProxy.Engine.Observability;
using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Engine.Upstreams;

/// <summary>
/// The activity of one upstream of a service: the number by which it is counted, and how the last connects to it ended. Each loop writes
/// what is its own, any thread reads. It outlives the definitions that refer to it, so that counts continue when a definition is replaced.
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
    private MetricsNumber? _number;

    /// <summary>What this process's loops have counted of it; nothing before an engine has prepared to serve it.</summary>
    public UpstreamCounts Counts => Volatile.Read(ref _number)?.ReadUpstream() ?? default;

    /// <summary>Sessions that are proxied to the upstream now.</summary>
    public int Sessions => (int)Counts.Sessions;

    /// <summary>The number of its blocks.</summary>
    internal int Number => _number?.Value ?? MetricsRegistry.Nameless;

    /// <summary>Counts a check of it that has ended. Any thread but a loop.</summary>
    /// <param name="check">One check.</param>
    public void CountCheck(in CheckCounts check) => Volatile.Read(ref _number)?.CountCheck(check);

    /// <summary>Gives it a number, before the first loop can come to it; once, whatever else is asked for later.</summary>
    internal void CountIn(MetricsRegistry registry, string service, string name)
    {
        if (Volatile.Read(ref _number) is null) Volatile.Write(ref _number, registry.Take(service, name));
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

    private static AttemptView Unpack(long slot) => new(
        (AttemptOutcome)((slot & ((1 << OutcomeBits) - 1)) - 1),
        DateTimeOffset.FromUnixTimeMilliseconds((slot >>> (TookBits + OutcomeBits)) + EpochMs),
        (int)(slot >> OutcomeBits) & TookMsMax);

    /// <summary>A loop's.</summary>
    private struct Cell
    {
        public SlotArray Slots;
        public uint Next;
    }

    [InlineArray(AttemptsMax)]
    private struct SlotArray
    {
        private long _first;
    }
}
