using System.Runtime.InteropServices;

namespace FastTcpProxy.Engine.Guards.Sources;

/// <summary>A source that connects often.</summary>
/// <param name="Accepted">Its clients that were let in.</param>
/// <param name="Refused">Its clients that were refused.</param>
/// <param name="UnseenMax">So many more it may have had, before it was counted.</param>
public readonly record struct HeavySource(SourceKey Key, long Accepted, long Refused, long UnseenMax)
{
    /// <summary>Clients that were counted. The truth is between this and this with <see cref="UnseenMax"/>.</summary>
    public long Counted => Accepted + Refused;
}

/// <summary>
/// Which sources connect most, of all loops, within the last one to two periods. Each source that has a hundredth of all connections is
/// among them, and its count is wrong by less than 5 %. Each loop counts by its own number, without allocation; any thread reads. To find
/// heavy networks count networks in a second one (<see cref="SourceKey.Widen"/>).
/// </summary>
public sealed class HeavySources
{
    /// <summary>Until older connections are forgotten, unless it says otherwise: a minute.</summary>
    public const long PeriodUsDefault = 60_000_000;

    private readonly SourceHash _hash = SourceHash.Create();
    private readonly Pair[] _loops;
    private readonly long _periodUs;

    /// <param name="loops">How many loops count. Each takes 340 KiB.</param>
    /// <param name="periodUs">Above 0.</param>
    public HeavySources(int loops, long periodUs = PeriodUsDefault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(periodUs, 1);
        _periodUs = periodUs;
        _loops = [.. Enumerable.Range(0, loops).Select(_ => new Pair())];
    }

    /// <summary>A connection of the source. Inside the loop.</summary>
    /// <param name="nowUs">Microseconds of the monotonic clock.</param>
    public void Add(int loop, in SourceKey key, bool isAccepted, long nowUs) =>
        _loops[loop].At(nowUs / _periodUs).Add(key, (uint)_hash.Of(key), isAccepted);

    /// <summary>The heaviest sources, by what was counted of them, the heaviest first. It allocates.</summary>
    public IReadOnlyList<HeavySource> Read(int max, long nowUs)
    {
        long period = nowUs / _periodUs, unseen = 0;
        Dictionary<SourceKey, HeavySource> sums = [];
        foreach (SourceSketch sketch in _loops.SelectMany(pair => pair.Both))
        {
            if (sketch.Period < period - 1) continue;
            long unseenHere = sketch.UnseenMax;
            unseen += unseenHere;
            foreach (HeavySource source in Snapshot(sketch))
            {
                ref HeavySource sum = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, source.Key, out _);
                // What a sketch says of a source takes the place of what it may have missed.
                sum = new HeavySource(source.Key, sum.Accepted + source.Accepted, sum.Refused + source.Refused,
                    sum.UnseenMax + source.UnseenMax - unseenHere);
            }
        }
        return [.. sums.Values.OrderByDescending(s => s.Counted).Take(max)
            .Select(s => s with { UnseenMax = Math.Max(s.UnseenMax + unseen, 0) })];
    }

    /// <summary>Nothing, when its period ended meanwhile.</summary>
    private static List<HeavySource> Snapshot(SourceSketch sketch)
    {
        long period = sketch.Period;
        int used = sketch.Used;
        List<HeavySource> sources = new(used);
        for (int i = 0; i < used; i++)
        {
            if (sketch.TryRead(i, out HeavySource source)) sources.Add(source);
        }
        if (sketch.Period != period) sources.Clear();
        return sources;
    }

    /// <summary>A loop's: this period's and the one's before it.</summary>
    private sealed class Pair
    {
        private SourceSketch _current = new();
        private SourceSketch _other = new();

        public Pair() => Both = [_current, _other];

        public IReadOnlyList<SourceSketch> Both { get; }

        public SourceSketch At(long period)
        {
            if (_current.Period >= period) return _current;
            (_current, _other) = (_other, _current);
            _current.Reset(period);
            return _current;
        }
    }
}
